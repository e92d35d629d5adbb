/** A Redis that falls silent without closing its connections, and speaks again. */
import test from 'ava';
import { createRedis } from '../../platform/redis/redis.ts';
import type { RedisRole } from '../../platform/redis/redis.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';

const { aBench, server } = redisBenches();

/** @param seconds a generous bound for giving a connection up, and for making a new one */
const until = (what: string, holds: () => boolean, seconds = 60): Promise<true> =>
  waitFor({ what, seconds, look: () => (holds() ? true : undefined) });

const ends: Readonly<Record<RedisRole, RegExp>> = { producer: /Command timed out/, consumer: /^OK$/ };

for (const role of ['producer', 'consumer'] as const) {
  test.serial(`the connection of a ${role} that is told nothing any more is given up and made anew`, async (t) => {
    const log = createRecordingLogger();
    const redis = createRedis({ url: server().url, role, connectionName: 'test', log });
    t.teardown(() => redis.disconnect());
    await until('it is there', () => redis.status === 'ready');
    server().freeze();
    t.teardown(() => server().thaw());
    const end = redis.set('key', '1').catch(String);
    await until('it is given up', () => redis.status !== 'ready');
    server().thaw();
    t.regex(await end, ends[role]);
    await until('it is back', () => redis.status === 'ready');
    t.is(await redis.get('key'), '1');
    const told = log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
    t.regex(String(told[0]?.['reason']), /^Socket timeout/);
    t.regex(String(told[0]?.['cure']), /answers nothing: check whether it hangs/);
  });
}

test.serial('no connection is given up while nothing is asked of it, or while it waits for a job', async (t) => {
  const log = createRecordingLogger();
  const connections = (['producer', 'consumer', 'consumer'] as const).map((role) =>
    createRedis({ url: server().url, role, connectionName: 'test', log }),
  );
  t.teardown(() => connections.forEach((redis) => redis.disconnect()));
  await until('they are there', () => connections.every(({ status }) => status === 'ready'));
  let closed = 0;
  for (const redis of connections) redis.on('close', () => (closed += 1));
  // As long as BullMQ waits at most, again and again.
  for (const _ of [1, 2]) t.is(await connections[2]?.bzpopmin('nothing', 10), null);
  t.is(closed, 0);
});

test.serial('jobs that wait, and one that ended as Redis fell silent, go on when it speaks again', async (t) => {
  const bench = aBench();
  const log = createRecordingLogger();
  const taken: string[] = [];
  bench.startWorker({
    log,
    concurrency: 1,
    takeStep: async (turn) => {
      if (taken.push(turn.job.canary.name) === 1) server().freeze();
      return takesAtOnce(turn);
    },
  });
  t.teardown(() => server().thaw());
  const steps = ['one', 'two', 'three'].map((name) => aDueStep(name));
  await bench.queue.addDue(steps);
  await until('the worker has left', () =>
    log.lines.some(({ fields }) => /Socket timeout/.test((fields['err'] as Error | undefined)?.message ?? '')),
  );
  server().thaw();
  await until('the producer is back', () => bench.redis.status === 'ready');
  for (const { canary, slot } of steps) {
    t.is((await bench.ended(stepJobId(canary, slot), 60)).returnvalue.outcome, 'settled', canary.name);
  }
  t.deepEqual([...new Set(taken)].toSorted(), ['one', 'three', 'two']);
});
