/** What lies in Redis while the workers are away or too few: real Redis, real queue, the scheduler's own tick. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Schedule } from '../../canary/schedule.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { systemClock } from '../../platform/clock.ts';
import { createMissedSlots } from '../../queue/missed-slots.ts';
import { createPaceStore, ratioIn } from '../../queue/pace-store.ts';
import { keyText } from '../../queue/step-job.ts';
import { createStepQueue } from '../../queue/step-queue.ts';
import { createPacing } from '../../scheduler/pacing.ts';
import { createTick, runTicks } from '../../scheduler/tick.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { JobObservation } from '../../worker/jobs/processor.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdStep } from '../support/held-step.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aSchedule } from '../support/schedules.ts';
import { takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench, server } = redisBenches();
const signal = new AbortController().signal;

const canaries = (count: number, intervalMs: number): readonly Schedule[] =>
  Array.from({ length: count }, (_, index) =>
    aSchedule(`app-${index}`, { namespace: `team-${index % 5}`, intervalMs }),
  );

/** A queue on a clock that stands still. */
async function aTimedQueue(t: ExecutionContext) {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  const clock = createFakeClock(systemClock.now());
  const queue = createStepQueue({ ...bench, clock, log });
  t.teardown(() => queue.close());
  return { bench, clock, queue };
}

async function jobsIn({ jobs }: StepBench): Promise<number> {
  const counts = await jobs.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'completed', 'failed');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

test.serial('without any worker no more than a horizon of jobs lies in Redis, however long it lasts', async (t) => {
  const { bench, clock, queue } = await aTimedQueue(t);
  const schedules = canaries(30, 10_000);
  const timing = { tickMs: 10_000, horizonMs: 25_000 };
  const store = createPaceStore(bench);
  const pacing = createPacing({ store, queue, timing, clock, log });
  const tick = createTick({ source: async () => schedules, queue, pacing, clock, horizonMs: 25_000, log });
  // The current slot and those of the horizon, and of one canary up to two wakes.
  const [least, most] = [30 * 3, 30 * 4 + 2];
  for (let ticks = 0; ticks < 60; ticks += 1) {
    await tick(signal);
    const woken = schedules[0];
    if (woken !== undefined) await queue.wake(woken, `configmap-1a2b3c4d-${ticks}`);
    const jobs = await jobsIn(bench);
    t.true(jobs >= least && jobs <= most, `${jobs} jobs after tick ${ticks}`);
    await clock.advance(10_000);
  }
  t.is(ratioIn(await store.read()), 1, 'nobody could be seen to be too slow');
});

test.serial('workers that end nothing are too few, unless it is the API server that is away', async (t) => {
  const { bench, clock, queue } = await aTimedQueue(t);
  const schedules = canaries(60, 10_000);
  const store = createPaceStore(bench);
  let held = 0;
  bench.startWorker({
    concurrency: 1,
    takeStep: (turn) => {
      held += 1;
      return new Promise((_, reject) => turn.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    },
  });
  let isThere = false;
  const timing = { tickMs: 10_000, horizonMs: 25_000 };
  const pacing = createPacing({ store, queue, timing, isClusterThere: async () => isThere, clock, log });
  const tick = createTick({ source: async () => schedules, queue, pacing, clock, horizonMs: 25_000, log });
  const ticks = async (count: number): Promise<number> => {
    for (let done = 0; done < count; done += 1) {
      await tick(signal);
      await waitFor({ what: 'a held step', seconds: 60, look: () => (held > 0 ? true : undefined) });
      await clock.advance(10_000);
    }
    return ratioIn(await store.read());
  };
  t.is(await ticks(10), 1);
  isThere = true;
  t.true((await ticks(10)) > 2);
});

test.serial('wakes that the workers cannot keep up with stretch nobody’s intervals', async (t) => {
  const { bench, clock, queue } = await aTimedQueue(t);
  const store = createPaceStore(bench);
  const timing = { tickMs: 10_000, horizonMs: 25_000 };
  const pacing = createPacing({ store, queue: { ...queue, isAttended: async () => true }, timing, clock, log });
  const schedules = canaries(100, 100_000);
  for (let ticks = 0; ticks < 10; ticks += 1) {
    await Promise.all(schedules.map((schedule) => queue.wake(schedule, `deployment-${ticks}`)));
    t.is((await pacing(schedules)).ratio, 1, `after tick ${ticks}`);
    await clock.advance(10_000);
  }
  t.true((await queue.waiting()) >= 100);
});

test.serial('a worker that was killed in a step works no longer', async (t) => {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  const begun = systemClock.now();
  t.false(await bench.queue.isAttended(begun));
  const child = await holdStep(t, bench, server().url);
  t.true(await bench.queue.isAttended(begun));
  child.kill('SIGKILL');
  await waitFor({
    what: 'the lock of a killed worker to end',
    seconds: 60,
    look: async () => ((await bench.queue.isAttended(begun)) ? undefined : true),
  });
  bench.startWorker({ takeStep: async (turn) => takesAtOnce(turn) });
  await bench.ended('s.test.podinfo.podinfo0.1', 60);
  t.true(await bench.queue.isAttended(begun), 'another one has ended a job since');
  t.false(await bench.queue.isAttended(systemClock.now() + 60_000));
});

test.serial(
  'workers that are too few get stretched intervals, evenly; when there are enough, all slots are taken again',
  async (t) => {
    const bench = aBench();
    await bench.jobs.waitUntilReady();
    const schedules = canaries(60, 1_000);
    const steps = new Map<string, number[]>(schedules.map((schedule) => [keyText(schedule), []]));
    const takeStep: TakeStep = async (turn) => {
      const { canary, slot = 0 } = turn.job;
      steps.get(keyText(canary))?.push(slot);
      await systemClock.sleep(100);
      return takesAtOnce(turn);
    };
    // Thirty steps a second, where sixty are asked for.
    const missedSlots = createMissedSlots(bench);
    const onEnd = ({ report }: JobObservation): void => {
      if (report.reason === 'slotPassed') missedSlots.note();
    };
    bench.startWorker({ takeStep, concurrency: 3, keepFinishedMs: 5_000, onEnd });
    const timing = { tickMs: 1_000, horizonMs: 2_500 };
    const store = createPaceStore(bench);
    const pacing = createPacing({ store, queue: bench.queue, missedSlots, timing, clock: systemClock, log });
    const source = async () => schedules;
    const tick = createTick({ source, queue: bench.queue, pacing, clock: systemClock, horizonMs: 2_500, log });
    const controller = new AbortController();
    const running = runTicks({ tick, clock: systemClock, intervalMs: 1_000, log }, controller.signal);
    t.teardown(async () => {
      controller.abort();
      await running;
    });
    const ratio = async (): Promise<number> => ratioIn(await store.read());
    const reached = (what: string, holds: (now: number) => boolean): Promise<number> =>
      waitFor({
        what,
        seconds: 60,
        look: async () => {
          const now = await ratio();
          return holds(now) ? now : undefined;
        },
        explain: async () => `ratio ${await ratio()}`,
      });
    t.log(`stretched to ${await reached('stretched intervals', (now) => now >= 1.9)}`);
    bench.startWorker({ takeStep, concurrency: 20, keepFinishedMs: 5_000, onEnd });
    await reached('intervals as asked for', (now) => now === 1);
    // Before anything was stretched luck decided, so this is no more than a bound.
    const counts = [...steps.values()].map(({ length }) => length);
    t.true(
      Math.min(...counts) >= 0.3 * Math.max(...counts),
      `from ${Math.min(...counts)} to ${Math.max(...counts)} steps`,
    );
    for (const [canary, slots] of steps) t.is(new Set(slots).size, slots.length, `${canary}: a slot ran twice`);
  },
);
