import test from 'ava';
import { isRefusedForMemory, readMemory } from '../../../platform/redis/full.ts';

const words = "OOM command not allowed when used memory > 'maxmemory'.";

const refusals = {
  'the command': new Error(words),
  'a command of a script': new Error(`${words} script: 1a2b, on @user_script:24.`),
  'a command of a script, by Redis 6.2': new Error(
    `ERR Error running script (call to f_1a2b): @user_script:24: @user_script: 24: -${words}`,
  ),
  'a command of a transaction': Object.assign(
    new Error('EXECABORT Transaction discarded because of previous errors.'),
    { previousErrors: [new Error('ERR unknown command'), new Error(words)] },
  ),
  'what somebody asked for meanwhile': new Error('tick failed', { cause: new Error(words) }),
};

for (const [what, error] of Object.entries(refusals)) {
  test(`a Redis that is full is known when it refuses ${what}`, (t) => {
    t.true(isRefusedForMemory(error));
  });
}

test('other errors are no want of memory', (t) => {
  const others = [
    new Error('EXECABORT Transaction discarded because of previous errors.'),
    new Error("READONLY You can't write against a read only replica."),
    new Error('connect ECONNREFUSED 127.0.0.1:6379', { cause: new Error('ROOM') }),
    words,
    undefined,
  ];
  t.deepEqual(others.map(isRefusedForMemory), [false, false, false, false, false]);
});

test('the memory of Redis is what INFO tells, and no limit where it tells none', async (t) => {
  const told =
    '# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nmaxmemory:2097152\r\nmaxmemory_human:2.00M\r\n';
  t.deepEqual(await readMemory({ info: async () => told }), { used: 1_048_576, limit: 2_097_152 });
  t.deepEqual(await readMemory({ info: async () => 'used_memory:7\r\n' }), { used: 7, limit: 0 });
});
