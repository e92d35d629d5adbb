import test from 'ava';
import { throughputOf } from '../../bench/measure/throughput.ts';

test('the rate is that of the middle, in whatever order the moments come', (t) => {
  const steady = Array.from({ length: 80 }, (_, index) => 10_000 + index * 50);
  const early = Array.from({ length: 10 }, (_, index) => index * 900);
  const late = Array.from({ length: 10 }, (_, index) => 20_000 + index * 900);
  const { count, seconds, perSecond } = throughputOf([...late, ...steady, ...early]);
  t.is(count, 80);
  t.is(seconds, 3.95);
  t.is(perSecond, 20);
});

test('of nine moments, or of one moment ten times, there is no rate', (t) => {
  const message = /expected ten moments or more, and time between them/;
  t.throws(() => throughputOf(Array.from({ length: 9 }, (_, index) => index)), { message });
  t.throws(() => throughputOf(Array.from({ length: 10 }, () => 5)), { message });
});
