/** The pace when the clock of a scheduler was ahead and is corrected. */
import test from 'ava';
import { nextPace, startingPace } from '../../scheduler/pace.ts';
import type { Load } from '../../scheduler/lateness.ts';
import type { Pace } from '../../scheduler/pace.ts';
import { begin, timing } from './fleet.ts';

const hourMs = 3_600_000;
const calm: Omit<Load, 'now'> = { waiting: 0, missed: 0, due: 100, steps: 100, isAttended: true };

/** A look a tick, the first of them a tick after `from`. */
function looksAt(pace: Pace, from: number, waiting: readonly number[]): readonly Pace[] {
  let next = pace;
  return waiting.map((jobs, index) => {
    next = nextPace(next, { ...calm, waiting: jobs, now: from + (index + 1) * timing.tickMs }, timing);
    return next;
  });
}

const growing = (looks: number): readonly number[] => Array.from({ length: looks }, (_, look) => 60 * look);
/** From a start at rest. */
const afterGrowth = (looks: number): Pace =>
  looksAt(startingPace(timing), begin, [0, 0, ...growing(looks)]).at(-1) ?? startingPace(timing);
const corrected = ({ lookedAt = 0 }: Pace): number => lookedAt - hourMs;

test('intervals that were stretched go back to what they were as soon as otherwise', (t) => {
  const stretched = afterGrowth(4);
  t.true(stretched.ratio > 1);
  const looksUntilBack = (from: number): number =>
    looksAt(
      stretched,
      from,
      Array.from({ length: 100 }, () => 0),
    ).findIndex(({ ratio }) => ratio < stretched.ratio);
  const inOrder = looksUntilBack(stretched.lookedAt ?? 0);
  t.true(inOrder > 0);
  const back = looksUntilBack(corrected(stretched));
  t.true(back > 0 && back <= inOrder + 1, `${back} looks, without a correction ${inOrder}`);
});

/** How far ahead of the look lies what is remembered for a while. */
const ahead = ({ lookedAt = 0, trial, earlier }: Pace) => ({
  trial: (trial?.endsAt ?? Infinity) - lookedAt,
  earlier: (earlier?.until ?? Infinity) - lookedAt,
});

test('a trial that is under way ends, and what was stretched before it holds for no longer than otherwise', (t) => {
  const stretched = afterGrowth(4);
  const calmLooks = Array.from({ length: 100 }, () => 0);
  const trying = looksAt(stretched, stretched.lookedAt ?? 0, calmLooks).find(({ trial }) => trial !== undefined);
  if (trying === undefined) throw new Error('expected a trial within 100 looks');
  const [next = trying] = looksAt(trying, corrected(trying), [0]);
  t.not(next, trying);
  t.deepEqual(ahead(next), ahead(trying));
});

test('an overload that has just begun is noticed', (t) => {
  const begun = afterGrowth(2);
  t.is(begun.ratio, 1);
  const paces = looksAt(
    begun,
    corrected(begun),
    growing(6).map((jobs) => jobs + 120),
  );
  t.true((paces.at(-1)?.ratio ?? 1) > 1);
});
