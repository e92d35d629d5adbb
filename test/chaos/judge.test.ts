/** The rules of the judge on logs by hand: phases, steps and hooks of a run. */
import test from 'ava';
import { judge } from '../../chaos/judge/judge.ts';
import { aCheck, aGate, aHistory, anAlert, canary, evidence, goodAlerts, goodRun, intervalMs } from './a-history.ts';
import type { Told } from './a-history.ts';
import { found, foundIn, without } from './flaws.ts';
import type { Flaw } from './flaws.ts';

test('a run without a flaw breaks no rule', (t) => {
  t.deepEqual(judge(evidence()), []);
});

test('a round that did not come to its end is told with what was there instead', (t) => {
  const missed = { expected: 'Succeeded', got: '{"phase":"Promoting"}' };
  const [violation] = judge(evidence({ endings: [{ canary, round: 3, from: 0, at: 7, missed }] }));
  t.like(violation, { canary, at: 7, what: 'round 3: expected Succeeded when time was up', lines: [missed.got] });
});

const flaws: readonly Flaw[] = [
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
  [
    'a canary whose first status is of a run',
    evidence({ histories: [aHistory(goodRun.slice(2))] }),
    'phases walk as the rules allow: from new to Progressing',
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
    'a step after which nobody knows when it was',
    without(4, { phase: 'Progressing', slot: 4, weight: 40, since: 2, timeless: true }),
    'no step lost, none doubled: a step without its time',
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
    'a promotion whose gate was not asked',
    evidence({ histories: [aHistory(goodRun, 'gated')] }),
    'hooks belong to one step: a promotion that its gate has not allowed',
  ],
  [
    'a promotion whose gate has refused',
    evidence({
      histories: [aHistory(goodRun, 'gated')],
      hooks: [...[3, 4, 5].map((slot) => aCheck(slot)), aGate(5, { passed: false })],
    }),
    'hooks belong to one step: a promotion that its gate has not allowed',
  ],
  [
    'a promotion whose gate was asked when it was decided on',
    evidence({
      histories: [aHistory(goodRun, 'gated')],
      hooks: [...[3, 4, 5].map((slot) => aCheck(slot)), aGate(6)],
    }),
    'hooks belong to one step: a promotion that its gate has not allowed',
  ],
  [
    'a question of nobody',
    evidence({ hooks: [3, 4, 5].map((slot) => aCheck(slot)).concat(aCheck(5, { canary: 'team-1/nobody' })) }),
    'hooks belong to one step: a question of a canary that no log knows',
  ],
];

foundIn(test, flaws);

test('a run may fail where its script wants it to', (t) => {
  const failed = [...goodRun.slice(0, 4), { phase: 'Failed', slot: 4, since: 5 }] satisfies readonly Told[];
  const alerts = [...goodAlerts.slice(0, 2), anAlert('Failed checks threshold reached 2')];
  const judged = found(evidence({ histories: [aHistory(failed, 'refused')], alerts }));
  t.deepEqual(
    judged.filter((text) => /^(?:phases|no step|hooks|routes|alerts)/.test(text)),
    [],
  );
});

test('a promotion may follow when its gate has said yes', (t) => {
  const hooks = [...[3, 4, 5].map((slot) => aCheck(slot)), aGate(5, { at: aCheck(5).at - 6 })];
  t.deepEqual(found(evidence({ histories: [aHistory(goodRun, 'gated')], hooks })), [
    'the logs tell of every round: 1 rounds, and WaitingPromotion 0 times',
  ]);
});
