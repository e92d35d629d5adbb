import test from 'ava';
import fc from 'fast-check';
import { isTaken, shuffleRank, slotAt } from '../../canary/slot.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { mostStretch, nextPace, startingPace } from '../../scheduler/pace.ts';
import type { Pace } from '../../scheduler/pace.ts';

const timing = { tickMs: 10_000, horizonMs: 25_000 };
const intervalMs = 10_000;
const begin = 1_764_000_000_000;

interface World {
  readonly canaries: number;
  /** Steps a second that the workers can take, by the second. */
  readonly capacity: (second: number) => number;
  readonly seconds: number;
}

interface History {
  /** After each tick. */
  readonly paces: readonly Pace[];
  /** Seconds at which a canary had its steps. */
  readonly steps: ReadonlyMap<string, readonly number[]>;
}

/** The slots that are due and wait, by canary; what has passed is missed. */
function createLine(rhythms: readonly Rhythm[]) {
  const waiting = new Map<Rhythm, number>();
  return {
    waiting: () => waiting.size,
    /** Time goes on by a second; tells how many slots have passed in it. */
    advance: (now: number, ratio: number): number => {
      let missed = 0;
      for (const rhythm of rhythms) {
        const slot = slotAt(rhythm, now);
        if (slot === slotAt(rhythm, now - 1_000)) continue;
        if (waiting.delete(rhythm)) missed += 1;
        if (isTaken(rhythm, slot, ratio)) waiting.set(rhythm, slot);
      }
      return missed;
    },
    /** So many are taken, those of the lowest rank first. */
    take: (count: number): readonly Rhythm[] => {
      const ranked = [...waiting].toSorted(([a, m], [b, n]) => shuffleRank(a, m) - shuffleRank(b, n));
      const taken = ranked.slice(0, count).map(([rhythm]) => rhythm);
      for (const rhythm of taken) waiting.delete(rhythm);
      return taken;
    },
  };
}

/** Schedulers and workers by the second, with real slots: jobs are added a horizon ahead and go when their slot has passed. */
function play({ canaries, capacity, seconds }: World): History {
  const rhythms = Array.from({ length: canaries }, (_, index): Rhythm => ({ uid: `uid-${index}`, intervalMs }));
  const steps = new Map<string, number[]>(rhythms.map(({ uid }) => [uid, []]));
  const line = createLine(rhythms);
  const paces: Pace[] = [];
  let pace = startingPace(timing);
  let [turns, missed] = [0, 0];
  for (let second = 0; second < seconds; second += 1) {
    const now = begin + second * 1_000;
    // A slot is in the queue if any tick of the last horizon wanted it.
    missed += line.advance(now, Math.min(pace.ratio, ...paces.slice(-3).map(({ ratio }) => ratio)));
    turns += capacity(second);
    for (const { uid } of line.take(Math.floor(turns))) steps.get(uid)?.push(second);
    turns %= 1;
    if (second % 10 !== 0) continue;
    pace = nextPace(pace, { now, waiting: line.waiting(), missed, due: canaries / pace.ratio }, timing);
    missed = 0;
    paces.push(pace);
  }
  return { paces, steps };
}

const changesIn = (paces: readonly Pace[]): number =>
  paces.filter(({ ratio }, index) => index > 0 && ratio !== paces[index - 1]?.ratio).length;

/** The longest time without a change, in seconds, without the part in which older jobs were left. */
function longestRest(paces: readonly Pace[]): { readonly from: number; readonly to: number; readonly ratio: number } {
  let best = { from: 0, to: 0, ratio: 0 };
  let begun = 0;
  for (const [index, { ratio }] of paces.entries()) {
    if (ratio !== paces[begun]?.ratio) begun = index;
    const rest = { from: (begun + 4) * 10, to: index * 10, ratio };
    if (rest.to - rest.from > best.to - best.from) best = rest;
  }
  return best;
}

const hour = 360;

test('while the workers keep up, nothing is stretched', (t) => {
  const { paces } = play({ canaries: 200, capacity: () => 22, seconds: 3_600 });
  t.true(paces.every(({ ratio }) => ratio === 1));
});

test('a backlog that is gone at the second look is no overload', (t) => {
  const { paces } = play({ canaries: 200, capacity: (second) => (second > 5 && second < 12 ? 0 : 60), seconds: 600 });
  t.true(paces.every(({ ratio }) => ratio === 1));
});

test('for any load and capacity the ratio settles near what is needed and seldom moves', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 300 }), fc.double({ min: 1.3, max: 8, noNaN: true }), (canaries, need) => {
      const capacity = canaries / 10 / need;
      const { paces } = play({ canaries, capacity: () => capacity, seconds: 4 * 3_600 });
      const last = paces.slice(-hour).map(({ ratio }) => ratio);
      const rest = last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)] ?? 0;
      t.true(rest >= need / 1.4 && rest <= need * 2.1, `need ${need.toFixed(2)}, rests at ${rest}`);
      t.true(changesIn(paces.slice(-hour)) <= 48, `${changesIn(paces.slice(-hour))} changes in the last hour`);
    }),
    { numRuns: 6 },
  );
});

test('at rest every canary is served evenly: no gap beyond the ratio and one interval more', (t) => {
  const { paces, steps } = play({ canaries: 200, capacity: () => 20 / 3.3, seconds: 3 * 3_600 });
  const { from, to, ratio } = longestRest(paces);
  t.true(to - from >= 600, `the longest rest lasted ${to - from} s`);
  for (const [uid, all] of steps) {
    const seconds = all.filter((second) => second >= from && second <= to);
    const gaps = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
    t.true(Math.max(...gaps) <= 10 * (ratio + 1), `${uid}: ${Math.max(...gaps)} s at a ratio of ${ratio}`);
  }
});

test('when the workers are back, everything has its interval again within an hour', (t) => {
  const { paces } = play({ canaries: 200, capacity: (second) => (second < 3 * 3_600 ? 4 : 40), seconds: 4 * 3_600 });
  t.true((paces[3 * hour - 1]?.ratio ?? 0) >= 4);
  t.is(paces.at(-1)?.ratio, 1);
});

test('without any worker the ratio stops at its bound', (t) => {
  const { paces } = play({ canaries: 100, capacity: () => 0, seconds: 3_600 });
  t.is(paces.at(-1)?.ratio, mostStretch);
});

test('a handful of canaries is never stretched for one slow step', (t) => {
  let pace = startingPace(timing);
  for (let tick = 0; tick < 20; tick += 1) {
    pace = nextPace(pace, { now: begin + tick * 10_000, waiting: 3, missed: 1, due: 3 }, timing);
  }
  t.is(pace.ratio, 1);
});

test('two schedulers that look by turns stretch no faster than one', (t) => {
  const look = (times: readonly number[]): Pace =>
    times.reduce(
      (pace, at) => nextPace(pace, { now: begin + at, waiting: 100, missed: 0, due: 100 }, timing),
      startingPace(timing),
    );
  const [two, one] = [look([0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000]), look([0, 10_000, 20_000, 30_000])];
  t.is(one.ratio, 2);
  t.is(two.ratio, one.ratio);
  t.is(two.settlesAt, one.settlesAt);
});
