/** Who goes when workers are short: the order in which a queue hands out what a tick has put into it. */
import test from 'ava';
import fc from 'fast-check';
import { dueSteps } from '../../scheduler/due.ts';
import { schedulesOf } from '../support/schedules.ts';

/** Every canary has one slot in it. */
const window = { now: 1_764_000_000_000, lookbackMs: 600_000, horizonMs: 0 };

/** Namespaces of the steps in the order of their positions; those of one position in any order. */
function orderOf(sizes: ReadonlyMap<string, number>, weights: ReadonlyMap<string, number>, tie: () => number) {
  const schedules = [...sizes].flatMap(([namespace, size]) => schedulesOf(namespace, size));
  return dueSteps(schedules, window, weights)
    .map(({ canary, position }) => ({ namespace: canary.namespace, position, tie: tie() }))
    .toSorted((a, b) => a.position - b.position || a.tie - b.tie)
    .map(({ namespace }) => namespace);
}

/** How far apart the turns of two namespaces ever are while both have something left; one turn is one `weight` of steps. */
function farthest(order: readonly string[], [a, b]: readonly [string, string], turns: (namespace: string) => number) {
  const left = new Map([a, b].map((one) => [one, order.filter((namespace) => namespace === one).length]));
  const had = new Map([a, b].map((one) => [one, 0]));
  let most = 0;
  for (const namespace of order) {
    if (!left.has(namespace)) continue;
    if ([...left.values()].includes(0)) break;
    left.set(namespace, (left.get(namespace) ?? 0) - 1);
    had.set(namespace, (had.get(namespace) ?? 0) + 1);
    most = Math.max(most, Math.abs((had.get(a) ?? 0) / turns(a) - (had.get(b) ?? 0) / turns(b)));
  }
  return most;
}

const weight = fc.integer({ min: 1, max: 7 });
const size = fc.integer({ min: 1, max: 60 });

test('in every prefix of the queue the shares of two namespaces are as their weights, within one turn', (t) => {
  fc.assert(
    fc.property(size, size, size, weight, weight, fc.infiniteStream(fc.double({ noNaN: true })), (...drawn) => {
      const [large, other, third, first, second, ties] = drawn;
      const sizes = new Map([
        ['a', large],
        ['b', other],
        ['c', third],
      ]);
      const weights = new Map([
        ['a', first],
        ['b', second],
      ]);
      const order = orderOf(sizes, weights, () => Number(ties.next().value));
      t.is(order.length, large + other + third);
      const turns = (namespace: string): number => weights.get(namespace) ?? 1;
      for (const pair of [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ] as const) {
        const apart = farthest(order, pair, turns);
        if (apart > 1) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
});

test('a namespace of weight 3 has three steps in each turn beside one', (t) => {
  const sizes = new Map([
    ['heavy', 9],
    ['light', 3],
  ]);
  const order = orderOf(sizes, new Map([['heavy', 3]]), () => 0);
  for (const turn of [0, 1, 2]) {
    const had = order.slice(turn * 4, turn * 4 + 4).toSorted();
    t.deepEqual(had, ['heavy', 'heavy', 'heavy', 'light']);
  }
});

test('a weight changes nothing within a namespace that is alone', (t) => {
  const names = (weights: ReadonlyMap<string, number>): readonly string[] =>
    dueSteps(schedulesOf('shop', 20), window, weights).map(({ canary }) => canary.name);
  t.deepEqual(names(new Map([['shop', 4]])), names(new Map()));
});
