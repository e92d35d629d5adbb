import test from 'ava';
import { countsOf, mostOf, otherTenants } from '../../queue/depth.ts';

test('what waits is what BullMQ has with a priority and without', async (t) => {
  const counts = { wait: 1, prioritized: 2, active: 4, delayed: 8, failed: 16 };
  t.deepEqual(await countsOf({ getJobCounts: async () => counts }), { waiting: 3, active: 4, delayed: 8, failed: 16 });
});

test('the highest counts are named first, and what is left of the total belongs to the others', (t) => {
  const counts = new Map([
    ['few', 1],
    ['most', 7],
    ['many', 5],
  ]);
  t.deepEqual(
    [...mostOf(counts, { named: 2, total: 20 })],
    [
      ['most', 7],
      ['many', 5],
      [otherTenants, 8],
    ],
  );
  t.is(mostOf(counts, { named: 3, total: 10 }).get(otherTenants), 0, 'a total that was read before');
});
