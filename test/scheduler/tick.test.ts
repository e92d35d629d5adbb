import test from 'ava';
import { dueAt, slotAt } from '../../canary/slot.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import { slotJobId } from '../../queue/step-job.ts';
import { createTick, runTicks } from '../../scheduler/tick.ts';
import type { Tick } from '../../scheduler/tick.ts';
import type { DueStep } from '../../queue/step-queue.ts';
import type { TickMark } from '../../queue/tick-mark.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const schedule = {
  namespace: 'shop',
  name: 'podinfo',
  uid: 'u-1',
  generation: 1,
  rhythm: { uid: 'u-1', intervalMs: 10_000 },
  idle: false,
  leaving: false,
};

test('a tick adds what is due and says how much', async (t) => {
  const added: DueStep[] = [];
  const tick = createTick({
    source: async () => [schedule],
    queue: { addDue: async (steps) => void added.push(...steps) },
    clock: createFakeClock(),
    horizonMs: 30_000,
    log: silentLogger,
  });
  const report = await tick(new AbortController().signal);
  t.deepEqual(report, { canaries: 1, steps: added.length, durationMs: 0 });
  t.is(added.length, 4);
});

test('the first tick that is done looks less far ahead, the others see to it that nothing is left out', async (t) => {
  const clock = createFakeClock();
  const added: DueStep[] = [];
  let isAway = true;
  const tick = createTick({
    source: async () => [schedule],
    queue: {
      addDue: async (steps) => {
        if (isAway) throw new Error('Redis is away');
        added.push(...steps);
      },
    },
    clock,
    horizonMs: 30_000,
    firstHorizonMs: 10_000,
    log: silentLogger,
  });
  const { signal } = new AbortController();
  await t.throwsAsync(tick(signal), { message: 'Redis is away' });
  isAway = false;
  t.is((await tick(signal)).steps, 2, 'the current slot and the next one');
  await clock.advance(10_000);
  t.is((await tick(signal)).steps, 4);
  const slots = [...new Set(added.map(({ slot }) => slot))].toSorted((a, b) => a - b);
  t.deepEqual(
    slots,
    Array.from({ length: 5 }, (_, index) => (slots[0] ?? 0) + index),
  );
});

const tenMinutes = Array.from({ length: 100 }, (_, index) => {
  const uid = `u-${index}`;
  return { ...schedule, name: `app-${index}`, uid, rhythm: { uid, intervalMs: 600_000 } };
});

/** A scheduler on a clock; `away` is what fails its ticks. */
function longIntervals(clock: FakeClock, mark?: TickMark) {
  const added: string[] = [];
  const state = { away: false, added };
  const tick = createTick({
    source: async () => {
      if (state.away) throw new Error('the API server is away');
      return tenMinutes;
    },
    queue: { addDue: async (steps) => void added.push(...steps.map(slotJobId)) },
    mark,
    clock,
    horizonMs: 90_000,
    log: silentLogger,
  });
  return Object.assign(state, { tick: () => tick(new AbortController().signal) });
}

/** Of the slots that fall due in a span, those that are current at its end. */
const currentOf = (from: number, until: number): readonly string[] =>
  tenMinutes.flatMap((canary) => {
    const slot = slotAt(canary.rhythm, until);
    return dueAt(canary.rhythm, slot) > from ? [slotJobId({ name: 'step', canary, slot })] : [];
  });

test('what fell due while ticks failed is added by the first that does not, however long that was', async (t) => {
  const clock = createFakeClock();
  const scheduler = longIntervals(clock);
  const begun = clock.now();
  await scheduler.tick();
  scheduler.away = true;
  await clock.advance(280_000);
  await t.throwsAsync(scheduler.tick(), { message: /API server is away/ });
  scheduler.away = false;
  await scheduler.tick();
  const wanted = currentOf(begun, clock.now());
  t.true(wanted.length > 30);
  t.deepEqual(
    wanted.filter((id) => !scheduler.added.includes(id)),
    [],
  );
});

test('what fell due while there was no scheduler is added by the next one', async (t) => {
  const clock = createFakeClock();
  let markedAt: number | undefined;
  const mark: TickMark = {
    set: async (at) => {
      markedAt = at;
    },
    read: async () => markedAt,
  };
  const begun = clock.now();
  const first = longIntervals(clock, mark);
  await first.tick();
  await clock.advance(280_000);
  const second = longIntervals(clock, mark);
  await second.tick();
  const added = [...first.added, ...second.added];
  t.deepEqual(
    currentOf(begun, clock.now()).filter((id) => !added.includes(id)),
    [],
  );
  const before = second.added.length;
  await clock.advance(60_000);
  await second.tick();
  t.true(second.added.length - before < 50, 'from then on it looks back as far as ever');
});

test('what is due first is added first', async (t) => {
  const added: DueStep[] = [];
  const schedules = Array.from({ length: 50 }, (_, index) => {
    const uid = `u-${index}`;
    return {
      ...schedule,
      name: `app-${index}`,
      namespace: `team-${index % 3}`,
      uid,
      rhythm: { uid, intervalMs: 10_000 },
    };
  });
  const tick = createTick({
    source: async () => schedules,
    queue: { addDue: async (steps) => void added.push(...steps) },
    clock: createFakeClock(),
    horizonMs: 30_000,
    log: silentLogger,
  });
  await tick(new AbortController().signal);
  const times = added.map((step) => step.dueAt);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  t.true(times.length >= 200);
});

test('a tick that cannot list the canaries adds nothing', async (t) => {
  const tick = createTick({
    source: async () => {
      throw new Error('list canaries: connection refused');
    },
    queue: { addDue: async () => t.fail() },
    clock: createFakeClock(),
    horizonMs: 30_000,
    log: silentLogger,
  });
  await t.throwsAsync(tick(new AbortController().signal), { message: /connection refused/ });
});

/** Runs the loop for a minute with ticks that take so long; the starts, in seconds from the beginning. */
async function startsOf(tookMs: readonly number[], failing: readonly number[] = []) {
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const startedAt = clock.now();
  const starts: number[] = [];
  const ended: string[] = [];
  const tick: Tick = async (signal) => {
    const index = starts.push((clock.now() - startedAt) / 1_000) - 1;
    await clock.sleep(tookMs[index] ?? 0, signal);
    if (failing.includes(index)) throw new Error('Redis is away');
    return { canaries: 0, steps: 0, durationMs: 0 };
  };
  const controller = new AbortController();
  const running = runTicks(
    {
      tick,
      clock,
      intervalMs: 10_000,
      log,
      onSuccess: () => ended.push('ok'),
      onFailure: () => ended.push('failed'),
    },
    controller.signal,
  );
  await clock.advance(0);
  for (let second = 0; second < 35; second += 1) await clock.advance(1_000);
  controller.abort(new Error('shutting down'));
  await running;
  return { starts, ended, log };
}

test('ticks come at their interval, counted from their starts', async (t) => {
  t.deepEqual((await startsOf([3_000, 1_000, 0, 0])).starts, [0, 10, 20, 30]);
});

test('a tick that takes longer than the interval is followed at once, and never overlapped', async (t) => {
  t.deepEqual((await startsOf([14_000, 0, 0])).starts, [0, 14, 24, 34]);
});

test('a clock that is put back during a tick does not keep off the next one', async (t) => {
  const clock = createFakeClock();
  const controller = new AbortController();
  let ticks = 0;
  const tick: Tick = async () => {
    ticks += 1;
    if (ticks === 1) clock.setWallClock(clock.now() - 3_600_000);
    return { canaries: 0, steps: 0, durationMs: 0 };
  };
  const running = runTicks({ tick, clock, intervalMs: 10_000, log: silentLogger }, controller.signal);
  await clock.advance(0);
  await clock.advance(10_000);
  t.is(ticks, 2);
  controller.abort(new Error('shutting down'));
  await running;
});

test('a failed tick is logged and counted, and the next one comes on time', async (t) => {
  const { starts, ended, log } = await startsOf([0, 0, 0, 0], [1]);
  t.deepEqual(starts, [0, 10, 20, 30]);
  t.deepEqual(ended, ['ok', 'failed', 'ok', 'ok']);
  t.deepEqual(
    log.lines.map(({ level, message }) => `${level} ${message}`),
    ['error tick failed; the next one adds what is missing'],
  );
});
