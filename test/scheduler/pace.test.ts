import test from 'ava';
import fc from 'fast-check';
import { mostStretch, nextPace, startingPace } from '../../scheduler/pace.ts';
import type { Load } from '../../scheduler/lateness.ts';
import type { Pace } from '../../scheduler/pace.ts';
import { begin, play, timing } from './fleet.ts';
import type { TickSeen } from './fleet.ts';

const tickSeconds = timing.tickMs / 1_000;
/** Other tests of this process wait for their servers and programs meanwhile. */
const others = () => new Promise((resolve) => setImmediate(resolve));

const hour = 3_600 / tickSeconds;

/** Steps a second that the workers take when so many times more falls due. */
const capacityAt = (canaries: number, load: number): number => canaries / 10 / load;

const ratiosOf = (ticks: readonly TickSeen[]): readonly number[] => ticks.map(({ ratio }) => ratio);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const sumOf = (ticks: readonly TickSeen[], what: 'missed' | 'leftOut'): number =>
  ticks.reduce((sum, tick) => sum + tick[what], 0);
const changesIn = (ticks: readonly TickSeen[]): number =>
  ticks.filter(({ ratio }, index) => index > 0 && ratio !== ticks[index - 1]?.ratio).length;

/** The second of two hours. */
function settledHour(canaries: number, load: number, seed: number): readonly TickSeen[] {
  const capacity = capacityAt(canaries, load);
  return play({ canaries, capacity: () => capacity, seconds: 2 * 3_600, seed }).ticks.slice(-hour);
}

const aSeed = fc.integer({ min: 1, max: 1e6 });

const loads = fc.double({ min: 0.3, max: 3, noNaN: true });

test('hundreds of canaries: any load settles at what it needs, and hardly a slot is missed', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 600, max: 1_500 }), loads, aSeed, async (canaries, load, seed) => {
      await others();
      const ticks = settledHour(canaries, load, seed);
      const rest = median(ratiosOf(ticks));
      const about = `${canaries} canaries at ${load.toFixed(2)} rest at ${rest}`;
      if (load <= 0.95)
        t.true(
          ratiosOf(ticks).every((ratio) => ratio === 1),
          about,
        );
      t.true(rest >= 0.98 * load && rest <= Math.max(1.05, 1.25 * load), about);
      const missed = sumOf(ticks, 'missed') / (canaries * hour);
      t.true(missed <= 0.025, `${about}: ${(100 * missed).toFixed(2)} % missed`);
      t.true(changesIn(ticks) <= 24, `${about}: ${changesIn(ticks)} changes in an hour`);
    }),
    { numRuns: 12 },
  );
});

test('few canaries: a load settles somewhat above what it needs', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 50, max: 200 }), loads, aSeed, async (canaries, load, seed) => {
      await others();
      const ticks = settledHour(canaries, load, seed);
      const rest = median(ratiosOf(ticks));
      t.true(rest >= 0.9 * load && rest <= Math.max(1.2, 1.6 * load), `${canaries} at ${load.toFixed(2)}: ${rest}`);
      t.true(sumOf(ticks, 'missed') <= 0.03 * canaries * hour, `${canaries} at ${load.toFixed(2)}: missed`);
    }),
    { numRuns: 12 },
  );
});

const anOutage = {
  canaries: fc.integer({ min: 100, max: 1_500 }),
  load: fc.double({ min: 0.3, max: 0.85, noNaN: true }),
  // In seconds.
  from: fc.integer({ min: 100, max: 120 }),
  lasts: fc.integer({ min: 5, max: 400 }),
  who: fc.constantFrom('workers', 'scheduler'),
};

test('an outage of the workers or the schedulers stretches nothing, however long, when they suffice', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.record(anOutage), async ({ canaries, load, from, lasts, who }) => {
      await others();
      const isOut = (second: number): boolean => second >= from && second < from + lasts;
      const capacity = capacityAt(canaries, load);
      const { ticks } = play({
        canaries,
        capacity: (second) => (who === 'workers' && isOut(second) ? undefined : capacity),
        isUnscheduled: (second) => who === 'scheduler' && isOut(second),
        seconds: from + lasts + 300,
      });
      const most = Math.max(...ratiosOf(ticks));
      t.is(most, 1, `${canaries} at ${load.toFixed(2)}, ${who} away from ${from} for ${lasts} s: ${most}`);
    }),
    { numRuns: 25 },
  );
});

test('workers that come back too few are noticed', (t) => {
  const { ticks } = play({
    canaries: 600,
    capacity: (second) => (second < 100 ? 80 : second < 300 ? undefined : 30),
    seconds: 600,
  });
  t.is(ratiosOf(ticks.filter(({ second }) => second <= 300)).findLast(Boolean), 1);
  const after = ticks.find(({ ratio }) => ratio > 1);
  t.true(after !== undefined && after.second <= 300 + 6 * tickSeconds, `noticed at ${after?.second}`);
});

test('workers that hold jobs and end none are an overload', (t) => {
  const { ticks } = play({ canaries: 600, capacity: (second) => (second < 100 ? 80 : 0), seconds: 600 });
  t.is(ticks.at(-1)?.ratio, mostStretch);
});

/** Overload from the first minute on; how many ticks after its end it takes until nothing is stretched any more. */
function ticksBack({ canaries, load, lasts, seed }: { canaries: number; load: number; lasts: number; seed: number }) {
  const isOver = 60 + lasts;
  const { ticks } = play({
    canaries,
    capacity: (second) => capacityAt(canaries, second >= 60 && second < isOver ? load : 0.6),
    seconds: isOver + 900,
    seed,
  });
  const after = ticks.filter(({ second }) => second >= isOver);
  return { highest: Math.max(...ratiosOf(ticks)), back: 1 + after.findLastIndex(({ ratio }) => ratio > 1) };
}

const anOverload = {
  canaries: fc.integer({ min: 300, max: 1_500 }),
  load: fc.double({ min: 1.3, max: 20, noNaN: true }),
  seed: aSeed,
};

test('when a bootstrap of some minutes is over, every slot is taken again within 16 ticks', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.record({ ...anOverload, lasts: fc.integer({ min: 60, max: 240 }) }), async (overload) => {
      await others();
      const { highest, back } = ticksBack(overload);
      t.true(highest > 1 && back <= 16, `${JSON.stringify(overload)}: stretched to ${highest}, ${back} ticks`);
    }),
    { numRuns: 25 },
  );
});

test('when an overload of an hour is over, every slot is taken again within ten minutes', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.record({ ...anOverload, lasts: fc.integer({ min: 1_800, max: 3_600 }) }), async (overload) => {
      await others();
      const { highest, back } = ticksBack(overload);
      t.true(highest >= Math.min(overload.load, mostStretch), `${JSON.stringify(overload)}: stretched to ${highest}`);
      t.true(back <= 60, `${JSON.stringify(overload)}: ${back} ticks`);
    }),
    { numRuns: 8 },
  );
});

test('after a bootstrap only slots of the time in which intervals were stretched are left out', (t) => {
  for (const canaries of [300, 400, 600]) {
    // The first steps cost five times of what the later ones do.
    let first = 0;
    const { ticks: all, steps } = play({
      canaries,
      capacity: () => ((first += 1) * 30 < 5 * canaries ? 30 : 150),
      seconds: 600,
    });
    // Before the first tick nothing has a job.
    const ticks = all.slice(1);
    const stretched = ticks.filter(({ ratio }) => ratio > 1).map(({ second }) => second);
    const [from = 600, to = 0] = [stretched[0], stretched.at(-1)];
    // What was added while intervals were stretched, and what has fallen due before they were short again.
    const outside = ticks.filter(({ second }) => second <= from || second > to + 2 * tickSeconds);
    t.is(sumOf(outside, 'leftOut'), 0, `${canaries}: stretched from ${from} to ${to}`);
    const calm = to + 2 * tickSeconds;
    for (const seconds of steps) t.true(seconds.filter((second) => second > calm).length >= (600 - calm) / 10 - 2);
  }
});

test('a stretch that comes when the load has just gone is not made', (t) => {
  const load = { due: 100, steps: 100, isAttended: true };
  const looks: readonly Pick<Load, 'waiting' | 'missed'>[] = [
    { waiting: 0, missed: 0 },
    { waiting: 50, missed: 0 },
    { waiting: 80, missed: 20 },
    { waiting: 40, missed: 10 },
  ];
  const paces = looksAt(looks.map((look) => ({ ...load, ...look })));
  t.is(paces.at(-1)?.ratio, 1, 'the backlog shrinks');
  const growing = looksAt([...looks.slice(0, 3), { waiting: 80, missed: 20 }].map((look) => ({ ...load, ...look })));
  t.true((growing.at(-1)?.ratio ?? 0) > 1.5);
});

test('what piled up while nobody looked is no overload', (t) => {
  const load = { due: 100, steps: 100, missed: 0, isAttended: true };
  const late = looksAt([{ ...load, waiting: 50 }]).at(-1) ?? startingPace(timing);
  const now = begin + 60_000;
  const back = nextPace(late, { ...load, waiting: 500, missed: 400, now }, timing);
  t.is(back.ratio, 1);
  t.is(nextPace(back, { ...load, waiting: 600, now: now + timing.tickMs }, timing).ratio, 1);
});

/** A look a tick. */
function looksAt(looks: readonly Omit<Load, 'now'>[], everyMs = timing.tickMs): readonly Pace[] {
  let pace = startingPace(timing);
  const start = { now: begin - everyMs, waiting: 0, missed: 0, due: 1, steps: 1, isAttended: true };
  for (const at of [start.now - everyMs, start.now]) pace = nextPace(pace, { ...start, now: at }, timing);
  return looks.map((load, index) => (pace = nextPace(pace, { ...load, now: begin + index * everyMs }, timing)));
}

test('at rest every canary is served evenly: no gap beyond the whole intervals of the ratio and one more', (t) => {
  const { ticks, steps } = play({ canaries: 300, capacity: () => capacityAt(300, 3.3), seconds: 3 * 3_600 });
  const { from, to, ratio } = longestRest(ticks);
  t.true(to - from >= 200, `the longest rest lasted ${to - from} s`);
  const gaps = steps.flatMap((all) => {
    const seconds = all.filter((second) => second >= from && second <= to);
    return seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
  });
  t.true(gaps.length > 1_000);
  const longest = Math.max(...gaps);
  t.true(longest <= 10 * (Math.ceil(ratio) + 1), `${longest} s at a ratio of ${ratio}`);
});

/** The longest time without a change, in seconds, without the part in which older jobs were left. */
function longestRest(ticks: readonly TickSeen[]) {
  let best = { from: 0, to: 0, ratio: 0 };
  let begun = 0;
  for (const [index, { ratio, second }] of ticks.entries()) {
    if (ratio !== ticks[begun]?.ratio) begun = index;
    const rest = { from: (ticks[begun]?.second ?? 0) + 4 * tickSeconds, to: second, ratio };
    if (rest.to - rest.from > best.to - best.from) best = rest;
  }
  return best;
}

test('a handful of canaries is never stretched for one slow step', (t) => {
  const paces = looksAt(
    Array.from({ length: 20 }, () => ({ waiting: 3, missed: 1, due: 3, steps: 3, isAttended: true })),
  );
  t.is(paces.at(-1)?.ratio, 1);
});

test('two schedulers that look by turns stretch no faster than one', (t) => {
  const late = { waiting: 100, due: 100, steps: 100, isAttended: true };
  const one = looksAt(Array.from({ length: 4 }, () => ({ ...late, missed: 60 })));
  const two = looksAt(
    Array.from({ length: 8 }, () => ({ ...late, missed: 30 })),
    timing.tickMs / 2,
  );
  const [oneAt, twoAt] = [one, two].map((paces) => paces.findIndex(({ ratio }) => ratio > 1));
  t.is(oneAt, 2);
  t.is((twoAt ?? 0) * 5, 25, 'in seconds');
  t.true(Math.abs((one[2]?.ratio ?? 0) - (two[5]?.ratio ?? 0)) < 0.4);
});
