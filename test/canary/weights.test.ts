import test from 'ava';
import fc from 'fast-check';
import type { Phase } from '../../canary/canary.ts';
import { allRouted } from '../../canary/notes.ts';
import { currentWeights, isBypassed, split } from '../../canary/weights.ts';
import { inPhase } from './situations.ts';
import type { Situation } from './situations.ts';

const blueGreen = { stepWeight: undefined, maxWeight: undefined, iterations: 2 };
const abTesting = { ...blueGreen, match: [{ headers: { 'x-canary': { exact: 'insider' } } }] };

const weightsIn = (phase: Phase, situation: Situation): string => {
  const canary = inPhase(phase, situation);
  const { primary, canary: share, mirrored } = currentWeights(canary, canary.status);
  return `${primary}/${share}${mirrored ? ' mirrored' : ''}`;
};

const rows: readonly (readonly [string, Phase, Situation, string])[] = [
  ['a weighted run has the weight of its status', 'Progressing', { weight: 30 }, '70/30'],
  ['with the mirror that goes before the weights', 'Progressing', { mirrored: true }, '100/0 mirrored'],
  ['so has a promotion that shifts in steps', 'Promoting', { weight: 20 }, '80/20'],
  ['and a canary that keeps its traffic in Failed', 'Failed', { weight: 100 }, '0/100'],
  ['and in Waiting', 'Waiting', { weight: 100 }, '0/100'],
  ['a canary whose primary is what it runs has none', 'Initialized', { weight: 30 }, '100/0'],
  ['nor after its promotion', 'Succeeded', { weight: 30 }, '100/0'],
  ['parts of a percent do not count', 'Progressing', { weight: 30.7 }, '70/30'],
  [
    'Blue/Green keeps the traffic on the primary while it iterates',
    'Progressing',
    { analysis: blueGreen, iterations: 2 },
    '100/0',
  ],
  ['with its mirror', 'Progressing', { analysis: blueGreen, iterations: 1, mirrored: true }, '100/0 mirrored'],
  [
    'and moves all of it after the last iteration',
    'WaitingPromotion',
    { analysis: blueGreen, iterations: 3, said: [allRouted] },
    '0/100',
  ],
  [
    'but not because the number of iterations was lowered',
    'WaitingPromotion',
    { analysis: blueGreen, iterations: 3 },
    '100/0',
  ],
  [
    'and takes it back when the number is raised',
    'Progressing',
    { analysis: { ...blueGreen, iterations: 4 }, iterations: 3, said: [allRouted] },
    '100/0',
  ],
  [
    'and when it is raised to what has been done',
    'Progressing',
    { analysis: { ...blueGreen, iterations: 3 }, iterations: 3, said: [allRouted] },
    '100/0',
  ],
  [
    'a weight that another strategy has left does not count in Blue/Green',
    'Progressing',
    { analysis: blueGreen, weight: 30 },
    '100/0',
  ],
  ['unless it is all of the traffic', 'Progressing', { analysis: blueGreen, weight: 100 }, '0/100'],
  ['A/B testing routes from its first iteration on', 'Progressing', { analysis: abTesting, iterations: 1 }, '0/100'],
  ['and not before', 'Progressing', { analysis: abTesting }, '100/0'],
  [
    'after the iterations of Blue/Green the weight of the status counts',
    'Finalising',
    { analysis: blueGreen, iterations: 3 },
    '100/0',
  ],
  [
    'the kubernetes provider routes nothing',
    'Failed',
    { analysis: blueGreen, weight: 100, spec: { provider: 'kubernetes' } },
    '100/0',
  ],
];

for (const [title, phase, situation, expected] of rows) {
  test(`${title} (${phase}, ${expected})`, (t) => t.is(weightsIn(phase, situation), expected));
}

test('weights sum to 100, whatever a status holds', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -5, max: 20 }), (weight, iterations) => {
      for (const analysis of [{}, blueGreen, abTesting]) {
        const canary = inPhase('Progressing', { analysis, weight, iterations });
        const { primary, canary: share } = currentWeights(canary, canary.status);
        if (primary + share !== 100 || primary < 0 || share < 0) throw new Error(`${primary}/${share}`);
      }
    }),
  );
  t.deepEqual(split(30), { primary: 70, canary: 30, mirrored: false });
});

test('the primary is bypassed when nobody is served by it, which is never so in A/B testing', (t) => {
  const isBypassedIn = (situation: Situation): boolean => {
    const canary = inPhase('Progressing', situation);
    return isBypassed(canary, canary.status);
  };
  t.true(isBypassedIn({ weight: 100 }));
  t.false(isBypassedIn({ weight: 99 }));
  t.true(isBypassedIn({ analysis: blueGreen, iterations: 3, said: [allRouted] }));
  t.false(isBypassedIn({ analysis: blueGreen, iterations: 2 }));
  t.false(isBypassedIn({ analysis: abTesting, iterations: 1 }));
});
