import test from 'ava';
import { nextWeight } from '../../../canary/strategies/weighted.ts';
import { inPhase } from '../situations.ts';

const next = (analysis: object, current: number): number =>
  nextWeight(inPhase('Progressing', { analysis: { stepWeight: undefined, ...analysis } }).spec.analysis, current);

test('equal steps add up, pass the maximum with their last one, and never all of the traffic', (t) => {
  t.is(next({ stepWeight: 20, maxWeight: 50 }, 20), 40);
  t.is(next({ stepWeight: 20, maxWeight: 50 }, 40), 60);
  t.is(next({ stepWeight: 60, maxWeight: 100 }, 60), 100);
});

test('a list moves to its next larger entry and stays at its end', (t) => {
  const list = { stepWeights: [1, 10, 40] };
  t.is(next(list, 0), 1);
  t.is(next(list, 1), 10);
  t.is(next(list, 7), 10);
  t.is(next(list, 40), 40);
});

test('equal steps win over a list', (t) => {
  t.is(next({ stepWeight: 5, stepWeights: [1, 10], maxWeight: 50 }, 1), 6);
});
