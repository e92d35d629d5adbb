/** What every step of a live Canary repairs: Services, primary, scaler and routes, at the weights it has now. */
import type { Done, Readiness, StepOutcome, TargetFact } from './action.ts';
import type { Canary, Revision } from './canary.ts';
import type { Problem } from './conditions.ts';
import { ensure, lend, route } from './effects.ts';
import { isLost, remakePrimary, whyLost } from './lost-primary.ts';
import { readinessErrors, rolloutWaits, warning } from './messages.ts';
import { readinessOf, serves } from './readiness.ts';
import { isDecided } from './revision.ts';
import { attempt, end } from './rule.ts';
import type { Rule } from './rule.ts';
import { leastPods } from './sizing.ts';
import { because, finish, isOverdue, keepWaiting, runOf, say, stopped } from './step.ts';
import type { Step } from './step.ts';
import { currentWeights } from './weights.ts';

/**
 * Order as in the reference's tick: Services of primary and canary, primary, scaler, apex, routes.
 * The apex and the routes are left as they are while there is no ready primary to point at; and a share is not given
 * back to a canary that has become another revision and has no ready pods: a restart may just have taken it away. A
 * canary that has nobody left who answers lends its share to the primary until it has, and copies of requests go only to
 * one that is ready: some meshes stumble over the others.
 *
 * @returns the step with what the effects had to say
 */
export function* reconcile(begun: Step, seen: TargetFact): Rule<Step> {
  const { canary } = begun;
  const step = yield* ensure(begun, { kind: 'ensureServices' });
  yield* remakePrimary(step, seen);
  yield* ensureScaler(step, seen.revision);
  if (primaryWaits(step, seen) !== undefined) return step;
  const served = yield* ensure(step, { kind: 'ensureApex' });
  const weights = currentWeights(canary, step.status);
  if (weights.canary > 0 && isDeserted(seen)) return yield* lend(served);
  if (weights.canary > 0 && isReplaced(step, seen)) return served;
  return yield* route(served, { ...weights, mirrored: weights.mirrored && serves(seen.target) });
}

const isDeserted = ({ target }: TargetFact): boolean => target.available === 0 && !serves(target);

const isReplaced = ({ status }: Step, { target, revision }: TargetFact): boolean =>
  (target.replicas === 0 || target.readiness.kind !== 'ready') && !isDecided(status, revision);

/**
 * A target's scaler that is missing is shown at once; the step stops until it is there.
 *
 * @param now what the target is; left out while there is nothing to compare it with
 */
export function* ensureScaler(step: Step, now?: Revision): Rule<void> {
  if (step.canary.spec.scaler === undefined) return;
  const atLeast = leastPods(step, now);
  const outcome = yield* attempt({ kind: 'ensureScaler', ...(atLeast === undefined ? {} : { atLeast }) });
  if (outcome.ok) return;
  const { failure } = outcome;
  yield* end(stopped(step, failure, failure.reason === 'notFound' ? 'MissingScaler' : undefined));
}

export interface Waits {
  /** Names the primary and what its rollout waits for. */
  readonly error: string;
  /** It will never be ready by itself. */
  readonly stuck: boolean;
  /** It is gone, and only a run makes a new one. */
  readonly lost?: boolean;
}

const notThereYet = (canary: Canary): Readiness => ({ kind: 'waiting', why: rolloutWaits.notObserved(canary) });

/** Why the primary is not ready; undefined when it is. */
export function primaryWaits(step: Step, seen: TargetFact): Waits | undefined {
  const { canary } = step;
  const { primary } = seen;
  if (isLost(step, seen)) return { error: readinessErrors.primary(canary, whyLost), stuck: true, lost: true };
  const readiness = primary === undefined ? notThereYet(canary) : readinessOf(primary, runOf(step).steady?.primary);
  if (readiness.kind === 'ready') return undefined;
  const isLate = isOverdue(keepWaiting(step));
  return { error: readinessErrors.primary(canary, readiness.why, isLate), stuck: readiness.kind === 'stuck' };
}

/** Says that the primary is not ready, as each tick of the reference does. */
export const sayPrimaryWaits = (step: Step, { error }: Waits): Step => say(step, warning(error));

/** Says so and ends a step that can only wait for the primary. */
export const awaitPrimary = (step: Step, waits: Waits, outcome: StepOutcome): Done =>
  heldByPrimary(sayPrimaryWaits(step, waits), waits, outcome);

/** The end of such a step. Beyond the deadline, and without any, the wait is shown as Stalled. */
export function heldByPrimary(step: Step, waits: Waits, outcome: StepOutcome): Done {
  const waiting = because(keepWaiting(step), waits.error);
  const isLate = waits.stuck || isOverdue(waiting);
  return finish(waiting, outcome, isLate ? { reason: reasonOf(waits), message: waits.error } : undefined);
}

const reasonOf = ({ lost = false }: Waits): Problem['reason'] => (lost ? 'PrimaryLost' : 'DeadlineExceeded');
