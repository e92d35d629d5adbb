/** The rules of the judge on logs by hand: what routes, primaries and statuses are given. */
import test from 'ava';
import { aHistory, aRoute, analysed, canary, evidence } from './a-history.ts';
import type { Told } from './a-history.ts';
import { found, foundIn, without } from './flaws.ts';
import type { Flaw } from './flaws.ts';

const flaws: readonly Flaw[] = [
  [
    'shares that are not the whole',
    evidence({
      routes: [
        {
          canary,
          revision: 1,
          source: 'etcd revision 1',
          shares: [
            [100, 0],
            [80, 10],
          ],
        },
      ],
    }),
    'weights sum to 100: a route with the shares [[100,0],[80,10]]',
  ],
  [
    'a weight that no route has had',
    evidence({ routes: [aRoute({ shares: [[100, 0]] })] }),
    'routes are what the status says: the status says 20 and the route gives 0',
  ],
  [
    'a canary whose routes are in no log',
    evidence({ routes: [aRoute({ canary: 'team-1/another' })] }),
    'routes are what the status says: a weight without any route',
  ],
  [
    'a share that outlives its run',
    evidence({ routes: [...evidence().routes, aRoute({ revision: 500, shares: [[60, 40]] })] }),
    'routes are what the status says: in the end the status says 0 and the route gives 40',
  ],
  [
    'a primary that is given another revision',
    evidence({
      primaryWrites: [
        { canary, at: 0, revision: 105, source: 'audit.log:1', image: 'app:1', flaggerId: 'first' },
        { canary, at: 0, revision: 165, source: 'audit.log:9', image: 'app:3', flaggerId: 'another' },
      ],
    }),
    'the primary receives what was analysed: the primary was given a revision that is not the one of the run',
  ],
  [
    'a primary that is given the revision before its run is done',
    evidence({
      primaryWrites: [
        { canary, at: 0, revision: 105, source: 'audit.log:1', image: 'app:1', flaggerId: 'first' },
        { canary, at: 0, revision: 145, source: 'audit.log:9', image: 'app:2', flaggerId: analysed() },
      ],
    }),
    'the primary receives what was analysed: the primary was given a revision in phase Progressing',
  ],
  [
    'a primary whose template changes under the same annotation',
    evidence({
      primaryWrites: ['app:2', 'app:3'].map((image, index) => ({
        canary,
        at: 0,
        revision: 165 + index,
        source: 'audit.log:9',
        image,
        flaggerId: analysed(),
      })),
    }),
    'the primary receives what was analysed: one revision has two images: app:2 and app:3',
  ],
  [
    'an image that was given as two revisions',
    evidence({
      primaryWrites: [1, -1].map((index) => ({
        canary,
        at: 0,
        revision: index === 1 ? 105 : 165,
        source: 'audit.log:9',
        image: 'app:2',
        flaggerId: analysed(index),
      })),
    }),
    'the primary receives what was analysed: one image was given as two revisions: app:2',
  ],
  [
    'a status write that changes nothing',
    evidence({
      statusWrites: [1, 2].map((line) => ({
        canary,
        at: 0,
        source: `audit.log:${line}`,
        agent: 'worker',
        revision: 7,
      })),
    }),
    'no write without a change: a status write by worker that changes nothing',
  ],
];

foundIn(test, flaws);

const held: Told = { phase: 'Progressing', slot: 3, weight: 20, since: 2, owes: 'a word' };
const advanced: Told = { phase: 'Progressing', slot: 4, weight: 40, since: 2 };

/** What is said of the routes where those right before the held statuses are one other route, written before the first. */
function routesFound(shares: readonly (readonly number[])[], ...statuses: readonly Told[]): readonly string[] {
  const [first = aHistory()] = without(4, ...statuses, advanced).histories;
  const revisions = statuses.map((_, index) => (first.states[4 + index]?.revision ?? 0) - 5);
  const routes = evidence({ histories: [first] }).routes.filter(({ revision }) => !revisions.includes(revision));
  const other = aRoute({ revision: revisions[0] ?? 0, shares });
  return found(evidence({ histories: [first], routes: [...routes, other] })).filter((text) =>
    text.startsWith('routes'),
  );
}

test('a share may be lent to the primary between two steps', (t) => {
  t.deepEqual(routesFound([[100, 0]], held, held), []);
});

test('a route whose answer was lost may be ahead of the status of its step, and of no later one', (t) => {
  t.deepEqual(routesFound([[60, 40]], held), []);
  t.deepEqual(routesFound([[60, 40]], held, held), [
    'routes are what the status says: the status says 20 and the route gives 40',
  ]);
});
