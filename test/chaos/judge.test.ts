/** Every rule of the judge on logs by hand: none on a run without a flaw, its own on the flaw that it is there for. */
import test from 'ava';
import type { Evidence } from '../../chaos/judge/evidence.ts';
import { judge } from '../../chaos/judge/judge.ts';
import { aCheck, aHistory, anAlert, analysed, canary, evidence, goodAlerts, goodRun, intervalMs } from './a-history.ts';
import type { Told } from './a-history.ts';

/** The good run with one of its statuses replaced, or taken out. */
const without = (index: number, ...instead: readonly Told[]): Evidence =>
  evidence({ histories: [aHistory(goodRun.toSpliced(index, 1, ...instead))] });

const found = (judged: Evidence): readonly string[] => [
  ...new Set(judge(judged).map(({ rule, what }) => `${rule}: ${what}`)),
];

test('a run without a flaw breaks no rule', (t) => {
  t.deepEqual(judge(evidence()), []);
});

test('a round that did not come to its end is told with what was there instead', (t) => {
  const missed = { expected: 'Succeeded', got: '{"phase":"Promoting"}' };
  const [violation] = judge(evidence({ endings: [{ canary, round: 3, from: 0, at: 7, missed }] }));
  t.like(violation, { canary, at: 7, what: 'round 3: expected Succeeded when time was up', lines: [missed.got] });
});

const flaws: readonly (readonly [what: string, judged: Evidence, violation: string])[] = [
  [
    'a phase that the rules do not lead to',
    without(8, { phase: 'Initialized', slot: 7, since: 7 }),
    'phases walk as the rules allow: from Promoting to Initialized',
  ],
  [
    'a run that starts over under the same id',
    evidence({ histories: [aHistory([...goodRun, { phase: 'Progressing', slot: 9, since: 9 }])] }),
    'phases walk as the rules allow: from Succeeded to Progressing',
  ],
  [
    'a failure that no script asked for',
    evidence({ histories: [aHistory([...goodRun.slice(0, 5), { phase: 'Failed', slot: 5, since: 5 }])] }),
    "phases walk as the rules allow: a run of script 'weighted' failed",
  ],
  [
    'a time that moves without its phase',
    without(4, { phase: 'Progressing', slot: 4, weight: 40, since: 4 }),
    'phases walk as the rules allow: lastTransitionTime moved without the phase',
  ],
  [
    'a phase that moves without its time',
    without(8, { phase: 'Finalising', slot: 7, since: 6 }),
    'phases walk as the rules allow: the phase moved without its time',
  ],
  ['a lost step', without(4), 'no step lost, none doubled: from 20 to 60, in steps of 20'],
  [
    'a step that is taken again',
    without(
      5,
      { phase: 'Progressing', slot: 5, weight: 20, since: 2 },
      { phase: 'Progressing', slot: 5, weight: 60, since: 2 },
    ),
    'no step lost, none doubled: from 40 to 20, in steps of 20',
  ],
  [
    'a run that begins in its middle',
    without(2, { phase: 'Progressing', slot: 2, weight: 20, since: 2 }),
    'no step lost, none doubled: a run began in its middle',
  ],
  [
    'a promotion before the last step',
    evidence({ histories: [aHistory(goodRun.toSpliced(5, 2))] }),
    'no step lost, none doubled: promoted at 40, not at 60',
  ],
  [
    'two steps in one slot',
    without(4, { phase: 'Progressing', slot: 3, weight: 40, since: 2 }),
    'no step lost, none doubled: two steps in one slot',
  ],
  [
    'a step of a slot that is over',
    without(4, { phase: 'Progressing', slot: 1, weight: 40, since: 2 }),
    'no step lost, none doubled: a step of an earlier slot',
  ],
  [
    'two steps too close to each other',
    without(3, { phase: 'Progressing', slot: 3, weight: 20, since: 2, lateMs: intervalMs / 2 }),
    'no step lost, none doubled: two steps 1005 ms apart, in an interval of 2000 ms',
  ],
  [
    'a hook under a key of its own',
    evidence({ hooks: [3, 4, 5].map((slot) => aCheck(slot)).concat(aCheck(5, { key: 'another' })) }),
    'hooks belong to one step: a key that no step of any run gives',
  ],
  [
    'a step without its check',
    evidence({ hooks: [aCheck(3), aCheck(5)] }),
    'hooks belong to one step: a step without a check that passed',
  ],
  [
    'a step whose check was refused',
    evidence({ hooks: [aCheck(3), aCheck(4, { passed: false }), aCheck(5)] }),
    'hooks belong to one step: a step without a check that passed',
  ],
  [
    'a check that comes too soon after the step before',
    without(3, { phase: 'Progressing', slot: 3, weight: 20, since: 2, lateMs: 1_500 }),
    'hooks belong to one step: the check of a step came 510 ms after the step before, in an interval of 2000 ms',
  ],
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
  [
    'an alert that is lost',
    evidence({ alerts: goodAlerts.slice(0, 2) }),
    "alerts arrive once: alerts lost, 'Canary analysis completed successfully': expected 1, got 0",
  ],
  [
    'an alert that comes twice in quiet times',
    evidence({ alerts: [...goodAlerts, anAlert('New revision detected, progressing canary analysis.')] }),
    "alerts arrive once: alerts doubled, 'New revision detected': expected 1, got 2",
  ],
];

for (const [what, judged, violation] of flaws) {
  test(`found: ${what}`, (t) => {
    const all = found(judged);
    t.true(all.includes(violation), all.join('\n'));
  });
}

test('a run may fail where its script wants it to', (t) => {
  const failed = [...goodRun.slice(0, 4), { phase: 'Failed', slot: 4, since: 5 }] satisfies readonly Told[];
  const alerts = [...goodAlerts.slice(0, 2), anAlert('Failed checks threshold reached 2')];
  t.deepEqual(judge(evidence({ histories: [aHistory(failed, 'refused')], alerts, primaryWrites: [] })), []);
});
