/** Canaries whose steps outlast their intervals, beside others: real Redis, real queue, real workers. */
import test from 'ava';
import { dueAt, slotAt } from '../../canary/slot.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createMissedSlots } from '../../queue/missed-slots.ts';
import { createPaceStore, ratioIn } from '../../queue/pace-store.ts';
import { keyText, stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createPacing } from '../../scheduler/pacing.ts';
import { createTick, runTicks } from '../../scheduler/tick.ts';
import type { JobObservation } from '../../worker/jobs/processor.ts';
import { placeOf, slotOf } from '../../worker/step/slot-place.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import type { Turn } from '../../worker/step/turn.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';

const { aBench } = redisBenches();

/** A step that looks at its slot, as the real one does, and then takes so long. */
function stepOf(rhythmOf: (uid: string) => Rhythm, tookMs: (turn: Turn) => number = () => 0): TakeStep {
  return async (turn) => {
    const { job, cameAt } = turn;
    const rhythm = rhythmOf(job.canary.uid);
    const now = clock.now();
    const place = placeOf(job, rhythm, { now, cameAt });
    const times = slotOf(job, rhythm, place);
    if (times !== undefined) turn.onSlot(times);
    if (place.kind !== 'current') return place;
    await clock.sleep(tookMs(turn));
    return takesAtOnce(turn);
  };
}

const intervalMs = 4_000;
const { canary } = aDueStep('podinfo');
const rhythm: Rhythm = { uid: canary.uid, intervalMs };

/** Waits until it is over, with a little to spare for a clock that is read twice. */
const past = (time: number): Promise<true> =>
  waitFor({
    what: 'the slot to pass',
    seconds: 30,
    every: 20,
    look: () => (clock.now() > time + 5 ? true : undefined),
  });

test.serial(
  'a slot whose canary was busy until it had passed says so, and its lag is the time until a worker came',
  async (t) => {
    const bench = aBench();
    await bench.jobs.waitUntilReady();
    const observed: JobObservation[] = [];
    const slot = slotAt(rhythm, clock.now()) + 1;
    const lease = `${bench.prefix}:lease:${keyText(canary)}`;
    await bench.redis.set(lease, 'a step that hangs');
    let postponed = 0;
    for (let worker = 0; worker < 2; worker += 1) {
      bench.startWorker({
        takeStep: stepOf(() => rhythm),
        onBusy: () => (postponed += 1),
        onEnd: (observation) => observed.push(observation),
      });
    }
    await bench.queue.addDue([{ ...aDueStep('podinfo'), slot, dueAt: dueAt(rhythm, slot) }]);
    await past(dueAt(rhythm, slot + 1));
    await bench.redis.del(lease);
    const job = await bench.ended(stepJobId(canary, slot));
    t.deepEqual(job.returnvalue, { canary: 'test/podinfo', outcome: 'skipped', reason: 'canaryBusy', slot });
    t.true(postponed > 1, 'it was put back again and again');
    const lagMs = observed[0]?.lagMs ?? Infinity;
    t.true(lagMs < intervalMs, `${lagMs} ms, although the slot had passed`);
  },
);

test.serial('a slot that no worker came to in time has passed, also when its canary is busy by then', async (t) => {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  const slot = slotAt(rhythm, clock.now()) - 1;
  const lease = `${bench.prefix}:lease:${keyText(canary)}`;
  await bench.redis.set(lease, 'another step');
  let postponed = 0;
  bench.startWorker({ takeStep: stepOf(() => rhythm), onBusy: () => (postponed += 1) });
  await bench.queue.addDue([{ ...aDueStep('podinfo'), slot }]);
  await waitFor({ what: 'the job to be put back', seconds: 10, look: () => (postponed > 0 ? true : undefined) });
  await bench.redis.del(lease);
  t.like((await bench.ended(stepJobId(canary, slot))).returnvalue, { outcome: 'skipped', reason: 'slotPassed' });
});

test.serial("some canaries whose steps outlast their intervals stretch nobody's", async (t) => {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  const everyMs = 2_000;
  const isSlow = (namespace: string): boolean => namespace === 'slow';
  const schedules = Array.from({ length: 120 }, (_, index) => {
    const uid = `${String(index).padStart(8, '0')}-uid`;
    const namespace = index < 12 ? 'slow' : `team-${index % 5}`;
    const common = { name: `app-${index}`, generation: 1, idle: false, leaving: false };
    return { ...common, namespace, uid, rhythm: { uid, intervalMs: everyMs } };
  });
  const rhythms = new Map(schedules.map((schedule) => [schedule.uid.slice(0, 8), schedule.rhythm]));
  const rhythmOf = (uid: string): Rhythm => rhythms.get(uid) ?? rhythm;
  const missedSlots = createMissedSlots(bench);
  const skipped = { canaryBusy: 0, slotPassed: 0 };
  bench.startWorker({
    takeStep: stepOf(rhythmOf, ({ job }) => (isSlow(job.canary.namespace) ? 2.5 * everyMs : 0)),
    concurrency: 40,
    keepFinishedMs: 10_000,
    onEnd: ({ report: { reason } }) => {
      if (reason === 'slotPassed') missedSlots.note();
      if (reason === 'slotPassed' || reason === 'canaryBusy') skipped[reason] += 1;
    },
  });
  const timing = { tickMs: 2_000, horizonMs: 5_000 };
  const store = createPaceStore(bench);
  const pacing = createPacing({ store, queue: bench.queue, missedSlots, timing, clock, log });
  const ratios: number[] = [];
  const tick = createTick({
    source: async () => schedules,
    queue: bench.queue,
    pacing: async (given) => {
      const stretch = await pacing(given);
      ratios.push(ratioIn(await store.read()));
      return stretch;
    },
    clock,
    horizonMs: timing.horizonMs,
    log,
  });
  const controller = new AbortController();
  const running = runTicks({ tick, clock, intervalMs: timing.tickMs, log }, controller.signal);
  t.teardown(async () => {
    controller.abort();
    await running;
  });
  // Six looks in a row at which something was missed would stretch intervals.
  await waitFor({ what: 'fifteen looks', seconds: 120, look: () => (ratios.length >= 15 ? true : undefined) });
  t.deepEqual([...new Set(ratios)], [1], `${JSON.stringify(skipped)}: ${ratios.join(' ')}`);
  t.true(skipped.canaryBusy > 12, JSON.stringify(skipped));
  t.log(skipped);
});
