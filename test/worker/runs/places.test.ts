import test from 'ava';
import fc from 'fast-check';
import { limitOf, placesFor } from '../../../worker/runs/places.ts';
import type { RunLimits, Waiting } from '../../../worker/runs/places.ts';

const limits = (cluster?: number, namespace?: number, ofNamespaces: readonly [string, number][] = []): RunLimits => ({
  cluster,
  namespace,
  ofNamespaces: new Map(ofNamespaces),
});

const one = (key: string, since = 0): Waiting => ({ key, namespace: key.split('.')[0] ?? '', since });

const told = (given: RunLimits, waiting: readonly Waiting[], runs: readonly [string, number][] = []) =>
  Object.fromEntries(
    [...placesFor(given, { waiting, runs: new Map(runs) })].map(([key, answer]) => [
      key,
      answer.kind === 'queued' ? `${answer.by} ${answer.position}/${answer.waiting}` : answer.kind,
    ]),
  );

test('who has waited longest comes first', (t) => {
  t.deepEqual(told(limits(2), [one('a.late', 3), one('a.first', 1), one('a.second', 2)]), {
    'a.first': 'admitted',
    'a.second': 'admitted',
    'a.late': 'cluster 3/3',
  });
});

test('the namespace with fewer runs comes first, however long the other’s line is', (t) => {
  const waiting = [one('big.a', 1), one('big.b', 1), one('big.c', 1), one('small.x', 9)];
  t.deepEqual(told(limits(4), waiting, [['big', 3]]), {
    'small.x': 'admitted',
    'big.a': 'cluster 2/4',
    'big.b': 'cluster 3/4',
    'big.c': 'cluster 4/4',
  });
});

test('a namespace that weighs more has more runs before it leaves places to the others', (t) => {
  const waiting = [1, 2, 3, 4, 5, 6].flatMap((since) => [one(`heavy.${since}`, since), one(`light.${since}`, since)]);
  const weighed = { ...limits(4), weights: new Map([['heavy', 3]]) };
  const places = Object.entries(told(weighed, waiting)).filter(([, answer]) => answer === 'admitted');
  t.deepEqual(places.map(([key]) => key).toSorted(), ['heavy.1', 'heavy.2', 'heavy.3', 'light.1']);
  t.is(told(weighed, waiting, [['heavy', 3]])['light.1'], 'admitted', 'a place that becomes free is not its again');
});

test('a namespace at its limit waits for itself and holds nobody up', (t) => {
  const waiting = [one('full.a', 1), one('full.b', 2), one('free.x', 3)];
  t.deepEqual(told(limits(10, 2), waiting, [['full', 2]]), {
    'full.a': 'namespace 1/2',
    'full.b': 'namespace 2/2',
    'free.x': 'admitted',
  });
});

test('a limit of its own takes the place of the common one', (t) => {
  const given = limits(undefined, 1, [['wide', 3]]);
  t.deepEqual(told(given, [one('wide.a'), one('wide.b'), one('narrow.a'), one('narrow.b')], [['wide', 2]]), {
    'wide.a': 'admitted',
    'wide.b': 'namespace 2/2',
    'narrow.a': 'admitted',
    'narrow.b': 'namespace 2/2',
  });
});

const names = ['a', 'b', 'c', 'd'];
const standing = fc.record({
  cluster: fc.option(fc.nat(8), { nil: undefined }),
  namespace: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  runs: fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(5)), { maxLength: 4 }),
  waiting: fc.uniqueArray(fc.record({ namespace: fc.constantFrom(...names), name: fc.nat(30), since: fc.nat(5) }), {
    maxLength: 20,
    selector: ({ namespace, name }) => `${namespace}.${name}`,
  }),
});

test('limits are kept, no place that may be given stays empty, and a tenant is never behind one with more', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(standing, ({ cluster, namespace, runs, waiting }) => {
        const given = limits(cluster, namespace);
        const going = new Map(runs);
        const line = waiting.map((each) => ({ ...each, key: `${each.namespace}.${each.name}` }));
        const answers = placesFor(given, { waiting: line, runs: going });
        const admitted = line.filter(({ key }) => answers.get(key)?.kind === 'admitted');
        const after = new Map(going);
        for (const { namespace: home } of admitted) after.set(home, (after.get(home) ?? 0) + 1);
        const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

        if (answers.size !== line.length) return false;
        if (admitted.length > 0 && total(after) > (cluster ?? Infinity)) return false;
        if (admitted.some(({ namespace: home }) => (after.get(home) ?? 0) > limitOf(given, home))) return false;
        const refused = line.filter(({ key }) => answers.get(key)?.kind === 'queued');
        const isAllFull = total(after) >= (cluster ?? Infinity);
        if (refused.some(({ namespace: home }) => !isAllFull && (after.get(home) ?? 0) < limitOf(given, home)))
          return false;
        // Nobody was let in before a tenant that has fewer runs and waits for the cluster only.
        return refused.every(({ key, namespace: home }) => {
          const answer = answers.get(key);
          if (answer?.kind !== 'queued' || answer.by === 'namespace') return true;
          return admitted.every(({ namespace: other }) => (after.get(other) ?? 0) <= (after.get(home) ?? 0) + 1);
        });
      }),
      { numRuns: 5_000 },
    ),
  );
});

test('with one place, tenants take turns: no line is served before another that waits as long', (t) => {
  const waiting = ['a', 'b', 'c'].flatMap((home) => [1, 2, 3].map((since) => one(`${home}.${since}`, since)));
  const order: string[] = [];
  let left: readonly Waiting[] = waiting;
  while (left.length > 0) {
    const answers = placesFor(limits(1), { waiting: left, runs: new Map() });
    const next = left.find(({ key }) => answers.get(key)?.kind === 'admitted');
    if (next === undefined) break;
    order.push(next.key);
    left = left.filter((each) => each !== next);
  }
  t.deepEqual(order, ['a.1', 'b.1', 'c.1', 'a.2', 'b.2', 'c.2', 'a.3', 'b.3', 'c.3']);
});
