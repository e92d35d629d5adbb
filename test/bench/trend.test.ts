import test from 'ava';
import { trendOf } from '../../bench/measure/trend.ts';
import type { Point } from '../../bench/measure/trend.ts';

const tolerance = { share: 0.05, least: 2 };

/** Ten minutes, a point each ten seconds. */
const course = (valueAt: (index: number) => number): readonly Point[] =>
  Array.from({ length: 61 }, (_, index): Point => [index * 10, valueAt(index)]);

test('a straight line has its slope per hour, and the medians of its quarters', (t) => {
  const trend = trendOf(
    course((index) => 100 + index),
    tolerance,
  );
  t.is(Math.round(trend?.perHour ?? 0), 360);
  t.is(trend?.first, 107);
  t.is(trend?.last, 153);
  t.is(trend?.verdict, 'growing');
});

test('what goes up and down is flat', (t) => {
  t.is(
    trendOf(
      course((index) => 100 + 30 * (index % 7)),
      tolerance,
    )?.verdict,
    'flat',
  );
});

test('a single leap at the end is flat: the line rises, the last quarter does not', (t) => {
  const trend = trendOf(
    course((index) => (index === 60 ? 1_000 : 100)),
    tolerance,
  );
  t.true((trend?.perHour ?? 0) > 100);
  t.is(trend?.verdict, 'flat');
});

test('what is less at last is flat', (t) => {
  t.is(
    trendOf(
      course((index) => 200 - index),
      tolerance,
    )?.verdict,
    'flat',
  );
});

test('growth within the share, or below the least, is flat', (t) => {
  const growing = (by: number, from: number) => trendOf(course((index) => from + (by * index) / 60), tolerance); // prettier-ignore
  t.is(growing(4, 100)?.verdict, 'flat');
  t.is(growing(10, 100)?.verdict, 'growing');
  t.is(growing(2, 10)?.verdict, 'flat', 'a fifth of it, but only two');
  t.is(growing(4, 10)?.verdict, 'growing');
});

test('of a few points nothing is said', (t) => {
  t.is(trendOf(course(() => 1).slice(0, 7), tolerance), undefined);
  t.is(trendOf(course(() => 1).slice(0, 8), tolerance)?.verdict, 'flat');
});
