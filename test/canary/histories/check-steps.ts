/** What holds of the steps of a history, each by itself and one after another. */
import type { Action, StepOutcome } from '../../../canary/action.ts';
import type { CanaryStatus, Condition, Phase, Weights } from '../../../canary/canary.ts';
import type { HookType } from '../../../canary/spec.ts';
import { currentWeights } from '../../../canary/weights.ts';
import type { Saved, Session, TakenStep } from '../../../sandbox/simulated/session.ts';
import { isDeepStrictEqual } from 'node:util';
import { violated } from './violated.ts';

/** Invariants 5 and 6: a slot advances a run at most once, and two steps are never closer than 0.9 interval. */
export function checkDistance(session: Session): void {
  const advances = session.saved().filter(({ status }, index, all) => isAdvance(all[index - 1]?.status, status));
  for (const [index, { slot, at, status, intervalMs }] of advances.entries()) {
    const previous = advances[index - 1];
    if (previous === undefined || previous.status.run?.id !== status.run?.id) continue;
    if (previous.slot === slot) violated(6, `slot ${slot} advanced the canary twice`);
    if (at - previous.at < 0.9 * intervalMs) violated(6, `steps ${at - previous.at} ms apart`);
  }
}

/** Whether a save moved the position of a run in its analysis, or brought a share of its traffic back to the primary. */
function isAdvance(before: CanaryStatus | undefined, after: CanaryStatus): boolean {
  if (before === undefined || before.run?.id !== after.run?.id) return false;
  if (before.phase === 'Promoting') return shifted.has(after.phase) && after.canaryWeight < before.canaryWeight;
  return analysed.has(before.phase) && analysed.has(after.phase) && isElsewhere(before, after);
}

const isElsewhere = (before: CanaryStatus, after: CanaryStatus): boolean =>
  before.canaryWeight !== after.canaryWeight ||
  before.iterations !== after.iterations ||
  before.failedChecks !== after.failedChecks;

const analysed: ReadonlySet<Phase | undefined> = new Set<Phase>(['Progressing', 'WaitingPromotion']);
const shifted: ReadonlySet<Phase | undefined> = new Set<Phase>(['Promoting', 'Finalising']);

const onItsWay = new Set(['advanced', 'failedCheck', 'noData', 'held', 'checkError', 'promoting']);

/** Invariant 3: whatever the routes were, a step of a run first makes them what the status says. */
export function checkRepairs(session: Session): void {
  for (const { canary, actions } of session.steps().filter(repairs)) {
    const first = actions.find((action) => action.kind === 'ensureRoutes');
    if (first === undefined) violated(3, 'a step of a run did not look at its routes');
    checkRepair(first.weights, currentWeights(canary, canary.status));
  }
}

/** Without a ready primary apex and routes are left as they are, and the step may still move the canary's share. */
const repairs = ({ canary, outcome, actions }: TakenStep): boolean =>
  canary.status.phase === 'Progressing' &&
  onItsWay.has(outcome) &&
  actions.some(({ kind }) => kind === 'ensureApex') &&
  !promotes(actions);

/** Copies of requests are left out while the canary is not ready. */
function checkRepair(made: Weights, wanted: Weights): void {
  if (made.canary === wanted.canary && (wanted.mirrored || !made.mirrored)) return;
  violated(3, `routes at ${wanted.canary} were repaired to ${made.canary}`);
}

const promotes = (actions: readonly Action[]): boolean => actions.some(({ kind }) => kind === 'promote');

/** Invariant 10: a save changes something, and the time of the phase moves exactly with the phase. */
export function checkSaves(session: Session): void {
  const saves = session.saved();
  for (const [index, save] of saves.entries()) {
    const previous = saves[index - 1];
    if (previous !== undefined) checkSave(previous.status, save);
  }
}

function checkSave(before: CanaryStatus, { status }: Saved): void {
  if (isDeepStrictEqual(timeless(before), timeless(status)))
    violated(10, `nothing but times was saved in ${status.phase}`);
  const isMoved = before.lastTransitionTime !== status.lastTransitionTime;
  const isSame = before.phase === status.phase;
  if (isMoved && isSame) violated(10, `lastTransitionTime moved within ${status.phase}`);
}

/** Without the times at which conditions were looked at. */
const timeless = ({ conditions, ...rest }: CanaryStatus): object => ({
  ...rest,
  conditions: conditions.map(({ type, status, reason, message }: Condition) => ({ type, status, reason, message })),
});

/** Invariant 8: the same question has the same key however often it is asked, and no two questions share one. */
export function checkKeys(session: Session): void {
  const keys = new Map<string, string>();
  const questions = new Map<string, string>();
  for (const step of session.steps()) {
    for (const action of step.actions) {
      if (action.kind !== 'callHook') continue;
      const question = questionOf(step, action);
      const key = action.idempotencyKey;
      if ((keys.get(question) ?? key) !== key) violated(8, `a second key for ${question}`);
      if ((questions.get(key) ?? question) !== question) violated(8, `one key for ${question} and another question`);
      keys.set(question, key);
      questions.set(key, question);
    }
  }
}

/** A post-rollout hook belongs to the end of a run, in whichever slot it is asked; any other to its slot and revision. */
function questionOf({ at, canary }: TakenStep, action: Extract<Action, { kind: 'callHook' }>): string {
  const { hook, phase, checksum } = action;
  const name = `${hook.type} ${hook.name} of ${canary.status.run?.id ?? ''}`;
  // A promotion that fails may be taken up again when its primary recovers, and end once more.
  const { lastSlot = 0 } = canary.status.run ?? {};
  return hook.type === 'post-rollout'
    ? `${name} ${phase} ${checksum} after ${lastSlot}`
    : `${name} in ${phase} about ${checksum} in ${at.slot}`;
}

/** What a step may not have come to where a hook of this type has refused. */
const forbidden: Partial<Record<HookType, readonly StepOutcome[]>> = {
  'confirm-rollout': ['started'],
  'pre-rollout': ['advanced', 'promoting'],
  rollout: ['advanced', 'promoting'],
  'confirm-traffic-increase': ['advanced'],
  'confirm-promotion': ['promoting'],
};

/** Gates and checks: while one refuses nothing goes past it. */
export function checkGates(session: Session): void {
  for (const { at, outcome, refused } of session.steps()) {
    const passed = refused.find((type) => forbidden[type]?.some((one) => one === outcome));
    if (passed !== undefined) violated(7, `${outcome} at ${at.slot} although ${passed} refused`);
  }
}
