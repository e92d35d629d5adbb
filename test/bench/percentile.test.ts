import test from 'ava';
import { spreadOf } from '../../bench/measure/percentile.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('a percentile is a value that was measured, by the nearest rank', (t) => {
  t.deepEqual(spreadOf(upTo(200)), { p50: 100, p99: 198, max: 200 });
  t.deepEqual(spreadOf([40, 10, 30, 20]), { p50: 20, p99: 40, max: 40 });
  t.deepEqual(spreadOf([7]), { p50: 7, p99: 7, max: 7 });
});

test('numbers are sorted as numbers', (t) => {
  t.deepEqual(spreadOf([9, 10, 100]), { p50: 10, p99: 100, max: 100 });
});

test('of nothing there is no spread', (t) => {
  t.is(spreadOf([]), undefined);
});
