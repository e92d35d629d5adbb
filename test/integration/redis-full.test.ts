/** A real Redis that has reached `maxmemory`: what it refuses, what goes on, and how it comes back. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { isRefusedForMemory, readMemory } from '../../platform/redis/full.ts';
import { createPaceStore } from '../../queue/pace-store.ts';
import { createQueueLife } from '../../queue/queue-life.ts';
import { createTickMark } from '../../queue/tick-mark.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createAddedSlots } from '../../scheduler/added-slots.ts';
import { createPacing } from '../../scheduler/pacing.ts';
import { createRelievedTick } from '../../scheduler/relief.ts';
import { createTickMetrics } from '../../scheduler/tick-metrics.ts';
import { createTick, runTicks } from '../../scheduler/tick.ts';
import type { Tick } from '../../scheduler/tick.ts';
import { createLeases } from '../../worker/step/lease.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { fillWithEnded, limitTo, limitToUsed, slotsOf } from '../support/full-redis.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aSchedule } from '../support/schedules.ts';
import { seriesOf } from '../support/series-of.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();
const { signal } = new AbortController();

/** A bench on a Redis that is empty, and without a limit when the test is over. */
function aRoomyBench(t: ExecutionContext): StepBench {
  const bench = aBench();
  t.teardown(async () => {
    await limitTo(bench.redis, 0);
    await bench.redis.flushall();
  });
  return bench;
}

const schedules = Array.from({ length: 20 }, (_, index) => aSchedule(`app-${index}`, { intervalMs: 2_000 }));

const horizonMs = 2_500;

/** The scheduler's own tick, with its pace, its memory of what it has added, and its mark. */
function aTick(bench: StepBench): Tick {
  const { queue } = bench;
  const life = createQueueLife({ ...bench, newToken: randomUUID });
  const pacing = createPacing({
    store: createPaceStore(bench),
    queue,
    timing: { tickMs: 500, horizonMs },
    clock,
    log: silentLogger,
  });
  return createTick({
    source: async () => schedules,
    queue: createAddedSlots({ queue, life }),
    pacing,
    mark: createTickMark(bench),
    clock,
    horizonMs,
    log: silentLogger,
  });
}

/** Steps that are counted by canary and slot. */
function countingSteps() {
  const taken = new Map<string, number>();
  const takeStep: TakeStep = async (turn) => {
    const { canary, slot } = turn.job;
    const key = `${canary.name} ${slot}`;
    taken.set(key, (taken.get(key) ?? 0) + 1);
    return takesAtOnce(turn);
  };
  return { taken, takeStep };
}

test.serial('a Redis full of jobs that have ended is relieved: steps go on, none is lost or taken twice', async (t) => {
  const bench = aRoomyBench(t);
  const { taken, takeStep } = countingSteps();
  bench.startWorker({ takeStep });
  const added = await fillWithEnded(bench, 4_000_000);
  t.true(isRefusedForMemory(await t.throwsAsync(bench.queue.addDue(slotsOf(added + 500, 1)))));
  const tick = aTick(bench);
  t.true(isRefusedForMemory(await t.throwsAsync(tick(signal))));
  const slotsTaken = (name: string) => [...taken.keys()].filter((key) => key.startsWith(`${name} `)).length;
  t.deepEqual(
    schedules.filter(({ name }) => slotsTaken(name) > 0),
    [],
  );

  const log = createRecordingLogger();
  const metrics = createMetrics();
  const { onRelief, ...telling } = createTickMetrics(metrics);
  const relieved = createRelievedTick({ tick, queue: bench.queue, log, onRelief });
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const ticking = runTicks({ tick: relieved, clock, intervalMs: 500, log, ...telling }, stop.signal);
  const waiting = slotsOf(0, added).map(({ canary, slot }) => `${canary.name} ${slot}`);
  await waitFor({
    what: 'three more slots of every canary to be taken, and all that waited',
    seconds: 60,
    look: () =>
      waiting.every((key) => taken.has(key)) && schedules.every(({ name }) => slotsTaken(name) >= 3) ? true : undefined,
    explain: async () => {
      const missing = waiting.filter((key) => !taken.has(key)).length;
      const few = schedules.filter(({ name }) => slotsTaken(name) < 3).length;
      const told = log.lines.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`);
      return [`${missing} lost, ${few} canaries late`, JSON.stringify(await bench.jobs.getJobCounts()), ...told].join(
        '\n',
      );
    },
  });
  stop.abort();
  await ticking;
  t.deepEqual(
    [...taken].filter(([, times]) => times > 1),
    [],
  );
  t.true(log.lines.some(({ message }) => message === 'redis is full; jobs that had ended were removed'));
  const [completed = ''] = await seriesOf(metrics, 'aviary_scheduler_relief_jobs_total');
  t.regex(completed, /\{state="completed"\} [1-9]/);
  const { used, limit } = await readMemory(bench.redis);
  t.true(used < limit, `${used} of ${limit}`);
});

/** Nothing that has ended can make so much room. */
const muchTooLow = 100_000;

/** Two of three complete, the third fails for good; resolves when all have ended. */
async function endMany(bench: StepBench, count: number): Promise<void> {
  const worker = bench.startWorker({
    takeStep: async (turn) => {
      if ((turn.job.slot ?? 0) % 3 === 2) throw new TypeError('no');
      return takesAtOnce(turn);
    },
  });
  await bench.queue.addDue(slotsOf(0, count));
  await waitFor({
    what: `${count} steps to end`,
    seconds: 30,
    look: async () => {
      const { completed = 0, failed = 0 } = await bench.jobs.getJobCounts('completed', 'failed');
      return completed + failed === count ? true : undefined;
    },
  });
  await worker.close(0);
}

test.serial('the oldest completed jobs go first, and no more than makes room', async (t) => {
  const bench = aRoomyBench(t);
  await endMany(bench, 3_000);
  const order = await bench.redis.zrange(bench.jobs.toKey('completed'), 0, '-1');
  await limitToUsed(bench.redis);
  const { removed, before, after } = await bench.queue.relieve();
  t.true(removed.completed > 0 && removed.completed < 2_000, `${removed.completed} removed`);
  t.is(removed.failed, 0);
  t.true(before.used > before.limit);
  t.true(after.used <= after.limit * 0.75, `${after.used} of ${after.limit}`);
  t.deepEqual(await bench.redis.zrange(bench.jobs.toKey('completed'), 0, '-1'), order.slice(removed.completed));
});

test.serial('failed jobs go when the completed ones are not enough, and nothing of a removed job stays', async (t) => {
  const bench = aRoomyBench(t);
  await endMany(bench, 1_200);
  const one = await bench.jobs.getJob((await bench.redis.zrange(bench.jobs.toKey('failed'), 0, '0'))[0] ?? '');
  await one?.log('a line of its journal');
  await limitTo(bench.redis, muchTooLow);
  t.deepEqual((await bench.queue.relieve()).removed, { completed: 800, failed: 400 });
  t.deepEqual(await bench.redis.keys(`${bench.jobs.toKey('s.')}*`), []);
  t.deepEqual(
    (await bench.queue.relieve()).removed,
    { completed: 0, failed: 0 },
    'nothing is left, and nothing is refused',
  );
});

test.serial('a full Redis refuses what is added, and lets what has passed be swept away', async (t) => {
  const bench = aRoomyBench(t);
  await bench.queue.addDue(slotsOf(0, 300));
  await limitTo(bench.redis, muchTooLow);
  const leases = createLeases({ ...bench, clock, newToken: randomUUID, ttlMs: 2_000, log: silentLogger });
  const { canary } = aDueStep('podinfo');
  const refusedOnes = [
    () => bench.queue.addDue(slotsOf(300, 2)),
    () => bench.queue.wake(canary, 'canary-1'),
    () => leases.take('podinfo', () => undefined),
    () => createTickMark(bench).set(clock.now()),
    () => createPaceStore(bench).replace(undefined, '{}'),
  ];
  for (const refused of refusedOnes) t.true(isRefusedForMemory(await t.throwsAsync<Error>(refused)), String(refused));
  const endedAt = clock.now();
  const swept = await bench.queue.sweep(({ slot = 0 }) => (slot < 200 ? endedAt : undefined));
  t.deepEqual(swept, { missed: 200, current: 100 });
  t.is((await bench.jobs.getJobCounts('prioritized'))['prioritized'], 100);
});

test.serial('a worker in a full Redis takes nothing, asks once a second, and goes on when there is room', async (t) => {
  const bench = aRoomyBench(t);
  await bench.queue.addDue(slotsOf(0, 50));
  await limitTo(bench.redis, muchTooLow);
  const { taken, takeStep } = countingSteps();
  const log = createRecordingLogger();
  const begun = clock.now();
  const worker = bench.startWorker({ takeStep, log });
  const refusals = () => log.lines.filter(({ message }) => message.startsWith('redis is full'));
  await waitFor({ what: 'four refusals', seconds: 30, look: () => (refusals().length >= 4 ? true : undefined) });
  t.true(clock.now() - begun >= 2_500, 'four refusals are three rests apart');
  t.is(log.lines.filter(({ message }) => message === 'worker error').length, 0);
  t.is(taken.size, 0);
  t.true((worker.refusedAt() ?? 0) >= begun);
  await limitTo(bench.redis, 0);
  await waitFor({ what: 'all 50 to be taken', seconds: 30, look: () => (taken.size === 50 ? true : undefined) });
  t.deepEqual(
    [...taken.values()].filter((times) => times > 1),
    [],
  );
});
