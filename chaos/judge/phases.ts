/** The phases of a canary are a walk that the rules allow, and their time moves with them and never without. */
import type { Phase } from '../../canary/canary.ts';
import { mayFail } from '../scripts/scripts.ts';
import { neighbours, quote, together } from './evidence.ts';
import type { Evidence, History, Ruling, State, Violation } from './evidence.ts';

const rule = 'phases walk as the rules allow';

/** Where a phase may lead within a run; the cast has no gate before a run, and no pod that never becomes ready. */
const withinRun: Readonly<Record<Phase | 'new', readonly Phase[]>> = {
  new: ['Initializing', 'Initialized'],
  Initializing: ['Initialized'],
  Initialized: [],
  Waiting: [],
  Progressing: ['WaitingPromotion', 'Promoting', 'Failed'],
  WaitingPromotion: ['Progressing', 'Promoting', 'Failed'],
  Promoting: ['Finalising', 'Failed'],
  Finalising: ['Succeeded', 'Failed'],
  Succeeded: [],
  Failed: [],
  Terminating: [],
};

/** What a new revision finds. */
const startsFrom: readonly Phase[] = [
  'Initialized',
  'Succeeded',
  'Failed',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
];

export const judgePhases = ({ histories }: Evidence): Ruling =>
  together(
    rule,
    histories.map((history) => ({
      looked: history.states.length,
      violations: [
        ...strayBirth(history),
        ...neighbours(history.states).flatMap(([before, after]) => [
          ...strayStep(history, before, after),
          ...strayTime(history, before, after),
        ]),
        ...strayFailures(history),
      ],
    })),
  );

/** The first status has none before it. */
function strayBirth({ canary, states: [first] }: History): readonly Violation[] {
  const phase = first?.status.phase;
  if (first === undefined || phase === undefined || withinRun.new.includes(phase)) return [];
  return [{ rule, canary, at: first.at, what: `from new to ${phase}`, lines: [quote(first)] }];
}

function strayStep({ canary }: History, before: State, after: State): readonly Violation[] {
  const from = before.status.phase ?? 'new';
  const to = after.status.phase ?? 'new';
  const isAllowed = from === to || withinRun[from].some((phase) => phase === to) || isStart(before, after);
  if (isAllowed || (to === 'Terminating' && after.deleting)) return [];
  return [violation(canary, { what: `from ${from} to ${to}`, before, after })];
}

const isStart = (before: State, after: State): boolean =>
  after.status.phase === 'Progressing' &&
  before.status.run?.id !== after.status.run?.id &&
  startsFrom.some((phase) => phase === before.status.phase);

function strayTime({ canary }: History, before: State, after: State): readonly Violation[] {
  const moved = before.status.phase !== after.status.phase;
  const timeMoved = before.status.lastTransitionTime !== after.status.lastTransitionTime;
  if (moved === timeMoved) return [];
  const what = moved ? 'the phase moved without its time' : 'lastTransitionTime moved without the phase';
  return [violation(canary, { what, before, after })];
}

function strayFailures({ canary, role, states }: History): readonly Violation[] {
  if (mayFail.has(role.script)) return [];
  return neighbours(states)
    .filter(([before, after]) => before.status.phase !== 'Failed' && after.status.phase === 'Failed')
    .map(([before, after]) => violation(canary, { what: `a run of script '${role.script}' failed`, before, after }));
}

interface Step {
  readonly what: string;
  readonly before: State;
  readonly after: State;
}

const violation = (canary: string, { what, before, after }: Step): Violation => ({
  rule,
  canary,
  at: after.at,
  what,
  lines: [quote(before), quote(after)],
});
