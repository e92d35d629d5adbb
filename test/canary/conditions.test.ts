import test from 'ava';
import { conditionsOf, withStretch } from '../../canary/conditions.ts';
import type { FailureKind, Problem } from '../../canary/conditions.ts';
import type { Canary, Condition, Phase } from '../../canary/canary.ts';
import { inPhase } from './situations.ts';

const first = '2026-03-01T12:00:00.000Z';
const later = '2026-03-01T12:00:30.000Z';

interface State {
  readonly failure?: FailureKind;
  readonly problem?: Problem;
  readonly suspended?: boolean;
}

const conditions = (canary: Canary, now: string, { failure = 'scaledToZero', ...state }: State = {}) =>
  conditionsOf(canary, now, { phase: canary.status.phase ?? 'Initializing', failure, ...state });

const words = ({ type, status, reason, message }: Condition): string => `${type}=${status} ${reason}: ${message}`;
const after = (canary: Canary, known: readonly Condition[]): Canary => ({
  ...canary,
  status: { ...canary.status, conditions: known },
});
const conditionOf = (list: readonly Condition[], type: string): Condition | undefined =>
  list.find((one) => one.type === type);

const promoted: Readonly<Record<Phase, string>> = {
  Initializing: 'Unknown Initializing: New Deployment detected, starting initialization.',
  Initialized: 'True Initialized: Deployment initialization completed.',
  Waiting: 'Unknown Waiting: Waiting for approval.',
  WaitingPromotion: 'Unknown WaitingPromotion: Waiting for approval.',
  Progressing: 'Unknown Progressing: New revision detected, progressing canary analysis.',
  Promoting: 'Unknown Promoting: Canary analysis completed, starting primary rolling update.',
  Finalising: 'Unknown Finalising: Canary analysis completed, routing all traffic to primary.',
  Succeeded: 'True Succeeded: Canary analysis completed successfully, promotion finished.',
  Failed: 'False Failed: Canary analysis failed, Deployment scaled to zero.',
  Terminating: 'Unknown Terminating: Terminating canary.',
};

for (const [phase, text] of Object.entries(promoted)) {
  test(`the first condition in ${phase} is Promoted, as users know it`, (t) => {
    const [one] = conditions(inPhase(phase as Phase), first);
    t.is(one && words(one), `Promoted=${text}`);
  });
}

const failures: Readonly<Record<FailureKind, string>> = {
  scaledToZero: 'Canary analysis failed, Deployment scaled to zero.',
  draining: 'Canary analysis failed, Deployment finishes its connections before it is scaled to zero.',
  rollbackPending: 'Canary analysis failed, primary not ready.',
  promotionFailed: 'Promotion failed, primary not ready.',
};

for (const [failure, message] of Object.entries(failures)) {
  test(`Failed says what has become of the canary: ${failure}`, (t) => {
    const [one] = conditions(inPhase('Failed'), first, { failure: failure as FailureKind });
    t.is(one?.message, message);
  });
}

test('a Canary is Ready where its primary serves what was promoted, and nowhere else', (t) => {
  const ready = (Object.keys(promoted) as Phase[]).filter(
    (phase) => conditionOf(conditions(inPhase(phase), first), 'Ready')?.status === 'True',
  );
  t.deepEqual(ready, ['Initialized', 'Succeeded']);
});

test('a suspended Canary is not Ready, and a problem is told before the suspension', (t) => {
  const suspended = conditionOf(conditions(inPhase('Succeeded'), first, { suspended: true }), 'Ready');
  t.is(
    suspended && words(suspended),
    'Ready=False Suspended: The analysis is suspended: set spec.suspend to false to go on.',
  );
  const problem = { reason: 'InvalidSpec', message: 'no port' } as const;
  const both = conditionOf(conditions(inPhase('Succeeded'), first, { suspended: true, problem }), 'Ready');
  t.is(both && words(both), 'Ready=False InvalidSpec: no port');
});

test('Stalled is there while a problem is, with its whole text', (t) => {
  const problem = { reason: 'DeadlineExceeded', message: 'services: no answer' } as const;
  const stalled = conditionOf(conditions(inPhase('Progressing'), first, { problem }), 'Stalled');
  t.is(stalled && words(stalled), 'Stalled=True DeadlineExceeded: services: no answer');
  t.is(conditionOf(conditions(inPhase('Progressing'), first), 'Stalled'), undefined);
});

test('conditions that say the same keep both of their times', (t) => {
  const canary = inPhase('Succeeded');
  const known = conditions(canary, first);
  t.deepEqual(conditions(after(canary, known), later), known);
});

test('a reason that changes alone keeps the time of the transition', (t) => {
  const known = conditions(inPhase('Progressing'), first);
  const [one] = conditions(after(inPhase('Promoting'), known), later);
  t.is(one?.lastTransitionTime, first);
  t.is(one?.lastUpdateTime, later);
});

test('a status that changes has a new time of the transition', (t) => {
  const known = conditions(inPhase('Finalising'), first);
  const [one] = conditions(after(inPhase('Succeeded'), known), later);
  t.is(one?.lastTransitionTime, later);
  t.is(one?.lastUpdateTime, later);
});

const stretchedOf = (canary: Canary, ratio: number, now = later) =>
  withStretch(canary.status, { ratio, now, before: canary.status.conditions });

test('a run whose steps come less often than asked for says so, and changes nothing while that stays', (t) => {
  const canary = inPhase('Progressing');
  const told = stretchedOf(canary, 2.5, first);
  t.is(
    words(conditionOf(told.conditions, 'Stretched') as Condition),
    "Stretched=True Overloaded: The workers can't keep up: steps come up to 3 intervals apart; more workers help.",
  );
  const next = { ...canary, status: told };
  t.deepEqual(stretchedOf(next, 2.9), told);
  const more = conditionOf(stretchedOf(next, 3.1).conditions, 'Stretched');
  t.like(more, { lastTransitionTime: first, lastUpdateTime: later });
});

test('what the rules leave out of the conditions keeps its times', (t) => {
  const told = stretchedOf(inPhase('Progressing'), 2, first);
  const decided = { ...told, conditions: told.conditions.filter(({ type }) => type !== 'Stretched') };
  t.deepEqual(withStretch(decided, { ratio: 2, now: later, before: told.conditions }), told);
});

test('a canary at rest does not say so, and one whose steps are on time says so no more', (t) => {
  const told = stretchedOf(inPhase('Progressing'), 2, first);
  const before = told.conditions;
  const left = withStretch(told, { ratio: 1, now: later, before });
  t.is(conditionOf(left.conditions, 'Stretched'), undefined);
  const settled = { ...told, phase: 'Succeeded' } as const;
  t.is(conditionOf(withStretch(settled, { ratio: 2, now: later, before }).conditions, 'Stretched'), undefined);
  const { status } = inPhase('Succeeded');
  t.is(withStretch(status, { ratio: 2, now: later, before: status.conditions }), status);
});
