import test from 'ava';
import { createMemoryClaims } from '../../loadtester/claims.ts';
import type { CommandResult } from '../../loadtester/run-command.ts';
import { StoreUnavailableError } from '../../loadtester/store-call.ts';
import { type Logger, silentLogger } from '../../platform/observability/logger.ts';
import { aRunner, aTask, settle, success } from './runner-rig.ts';

const stopped: CommandResult = { kind: 'stopped', output: '' };
const never = new AbortController().signal;

test('an identical request joins the one that runs and gets its result', async (t) => {
  const { runner, started, endNext } = aRunner(5);
  const first = runner.run(aTask('check'));
  const second = runner.run(aTask('check'));
  await settle();
  const refusal: CommandResult = { kind: 'exited', status: 1, output: 'no' };
  await endNext(refusal);
  t.deepEqual(await Promise.all([first, second]), [refusal, refusal]);
  t.deepEqual(started, ['check']);
});

test('a request that comes after the end starts anew', async (t) => {
  const { runner, started, endNext } = aRunner(5);
  for (let time = 0; time < 2; time += 1) {
    const result = runner.run(aTask('check'));
    await settle();
    await endNext();
    t.deepEqual(await result, success);
  }
  t.deepEqual(started, ['check', 'check']);
});

test('a queued task that waits or runs is not queued again, and may be when it has ended', async (t) => {
  const { runner, started, endNext } = aRunner(1);
  const load = aTask('load', 'cmd');
  t.is(await runner.enqueue(aTask('other', 'cmd')), 'accepted');
  t.is(await runner.enqueue(load), 'accepted');
  t.is(await runner.enqueue(load), 'skipped', 'while it waits');
  await endNext();
  t.is(await runner.enqueue(load), 'skipped', 'while it runs');
  await endNext();
  t.is(await runner.enqueue(load), 'accepted', 'when it has ended');
  await settle();
  t.deepEqual(started, ['other', 'load', 'load']);
});

test('of many identical tasks queued at once exactly one is accepted', async (t) => {
  const { runner, started } = aRunner(5);
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => runner.enqueue(aTask('load', 'cmd'))));
  t.is(outcomes.filter((outcome) => outcome === 'accepted').length, 1);
  t.deepEqual(started, ['load']);
});

test('a replica does not run a command twice even when the store has forgotten that it runs', async (t) => {
  const forgetful = { acquire: () => Promise.resolve({ release: () => Promise.resolve() }) };
  const { runner, started } = aRunner(5, { claims: forgetful });
  t.is(await runner.enqueue(aTask('load', 'cmd')), 'accepted');
  t.is(await runner.enqueue(aTask('load', 'cmd')), 'skipped');
  t.deepEqual(started, ['load']);
});

test('a claim that cannot be asked for is an error, and the task can be queued later', async (t) => {
  const held = createMemoryClaims();
  let isAway = true;
  const claims: typeof held = {
    acquire: (id) => (isAway ? Promise.reject(new StoreUnavailableError('away')) : held.acquire(id)),
  };
  const { runner, started } = aRunner(5, { claims });
  await t.throwsAsync(runner.enqueue(aTask('load', 'cmd')), { instanceOf: StoreUnavailableError });
  t.deepEqual(started, []);
  isAway = false;
  t.is(await runner.enqueue(aTask('load', 'cmd')), 'accepted');
});

test('no more commands run at once than allowed; the others wait in order', async (t) => {
  const { runner, started, endNext, render } = aRunner(2);
  const results = ['a', 'b', 'c', 'd'].map((cmd) => runner.run(aTask(cmd)));
  await settle();
  t.deepEqual(started, ['a', 'b']);
  t.regex(await render(), /aviary_loadtester_commands\{state="running"\} 2\n.*state="waiting"\} 2/);
  await endNext();
  t.deepEqual(started, ['a', 'b', 'c']);
  await endNext();
  await endNext();
  await endNext();
  await Promise.all(results);
  t.deepEqual(started, ['a', 'b', 'c', 'd']);
  t.regex(await render(), /aviary_loadtester_commands\{state="running"\} 0\n.*state="waiting"\} 0/);
});

test('a check does not wait for the loads that came before it and wait themselves', async (t) => {
  const { runner, started, endNext, render } = aRunner(2);
  for (const cmd of ['a', 'b', 'c', 'd']) await runner.enqueue(aTask(cmd, 'cmd'));
  const check = runner.run(aTask('check'));
  await settle();
  t.regex(await render(), /aviary_loadtester_commands\{state="running"\} 2\n.*state="waiting"\} 3/);
  await endNext();
  t.deepEqual(started, ['a', 'b', 'check']);
  const later = runner.run(aTask('later'));
  for (let ended = 0; ended < 5; ended += 1) await endNext();
  t.deepEqual(started, ['a', 'b', 'check', 'c', 'later', 'd'], 'and checks do not keep loads from running');
  await Promise.all([check, later]);
  t.regex(await render(), /aviary_loadtester_commands\{state="running"\} 0\n.*state="waiting"\} 0/);
});

test('stopping turns away what waits and what comes, and lets what runs end', async (t) => {
  const { runner, endNext } = aRunner(1);
  const running = runner.run(aTask('a'));
  const waiting = runner.run(aTask('b'));
  await settle();
  const stopping = runner.stop(never);
  t.deepEqual(await waiting, stopped);
  t.deepEqual(await runner.run(aTask('c')), stopped);
  t.is(await runner.enqueue(aTask('d', 'cmd')), 'stopping');
  await endNext();
  t.deepEqual(await running, success);
  await stopping;
});

test('stopping turns away loads that wait, too, and gives back their claims', async (t) => {
  const claims = createMemoryClaims();
  const { runner, started, endNext } = aRunner(1, { claims });
  const loads = ['a', 'b', 'c'].map((cmd) => aTask(cmd, 'cmd'));
  for (const load of loads) await runner.enqueue(load);
  const stopping = runner.stop(never);
  await endNext();
  await stopping;
  t.deepEqual(started, ['a']);
  for (const { id } of loads) t.not(await claims.acquire(id), undefined);
});

test('stopping kills what still runs when its time is up, and gives back every claim', async (t) => {
  const claims = createMemoryClaims();
  const { runner } = aRunner(5, { claims });
  const load = aTask('load', 'cmd');
  await runner.enqueue(load);
  const running = runner.run(aTask('check'));
  const patience = new AbortController();
  const stopping = runner.stop(patience.signal);
  t.is(await claims.acquire(load.id), undefined);
  patience.abort();
  await stopping;
  t.deepEqual(await running, { kind: 'stopped', output: 'killed' });
  t.not(await claims.acquire(load.id), undefined);
});

test('every request is counted by its type and by what became of it', async (t) => {
  const { runner, endNext, render } = aRunner(5);
  const results: CommandResult[] = [
    success,
    { kind: 'exited', status: 1, output: '' },
    { kind: 'signalled', signal: 'SIGTERM', output: '' },
    { kind: 'expired', afterMs: 1, output: '' },
    { kind: 'notStarted', why: 'bash: ENOENT', output: '' },
  ];
  for (const result of results) {
    const ended = Promise.all([runner.run(aTask('check')), runner.run(aTask('check'))]);
    await settle();
    await endNext(result);
    await ended;
  }
  await runner.enqueue(aTask('load', 'cmd'));
  await runner.enqueue(aTask('load', 'cmd'));
  const counts = [...(await render()).matchAll(/commands_total\{type="(.*?)",outcome="(.*?)"\} (\d+)/g)];
  t.deepEqual(Object.fromEntries(counts.map(([, type, outcome, count]) => [`${type} ${outcome}`, Number(count)])), {
    'bash joined': 5,
    'bash succeeded': 1,
    'bash failed': 2,
    'bash expired': 1,
    'bash not_started': 1,
    'cmd skipped': 1,
  });
});

test('the log names canary, type and a digest, never the command', async (t) => {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }));
  const log: Logger = { ...silentLogger, info: write, warn: write };
  const { runner, endNext } = aRunner(5, { log });
  const task = aTask('curl -u admin:pa55', 'cmd');
  await runner.enqueue(task);
  await settle();
  await runner.enqueue(task);
  await endNext({ kind: 'exited', status: 1, output: 'admin:pa55' });
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { message: string }).message),
    ['command started', 'command skipped', 'command failed'],
  );
  t.true(lines.every((line) => line.includes(`"command":"${task.id.slice(0, 12)}"`) && line.includes('podinfo.test')));
  t.false(lines.some((line) => line.includes('pa55')));
});
