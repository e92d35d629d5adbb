/** What every step of a live Canary repairs: Services, primary, scaler and routes, at the weights it has now. */
import type { TargetFact } from './action.ts';
import { flaggerId } from './identity.ts';
import { events } from './messages.ts';
import type { Rule } from './rule.ts';
import { need, say } from './step.ts';
import type { Step } from './step.ts';
import { currentWeights } from './weights.ts';

/**
 * Order as in the reference's tick: Services of primary and canary, primary, scaler, apex, routes.
 * The apex and the routes are left as they are while there is no ready primary to point at.
 */
export function* reconcile(step: Step, seen: TargetFact): Rule<void> {
  const { canary } = step;
  yield* need(step, { kind: 'ensureServices' });
  const id = flaggerId(canary, seen.revision);
  if (seen.primary === undefined) yield* need(step, { kind: 'ensurePrimary', follow: false, flaggerId: id });
  if (canary.spec.scaler !== undefined) yield* need(step, { kind: 'ensureScaler' });
  if (seen.primary?.readiness.kind !== 'ready') return;
  yield* need(step, { kind: 'ensureApex' });
  yield* need(step, { kind: 'ensureRoutes', weights: currentWeights(canary, step.status) });
}

/** Why the primary is not ready; undefined when it is. */
export const primaryWaits = (seen: TargetFact): { readonly why: string; readonly stuck: boolean } | undefined => {
  const readiness = seen.primary?.readiness;
  if (readiness === undefined) {
    const why = 'waiting for rollout to finish: observed deployment generation less than desired generation';
    return { why, stuck: false };
  }
  return readiness.kind === 'ready' ? undefined : { why: readiness.why, stuck: readiness.kind === 'stuck' };
};

/** Text of a Deployment that has been asked for pods and has none yet. */
export const noPodsYet = (wanted: number): string =>
  `waiting for rollout to finish: 0 out of ${Math.max(1, wanted)} new replicas have been updated`;

/** Says that the primary is not ready, as each tick of the reference does. */
export const sayPrimaryWaits = (step: Step, why: string): Step => say(step, events.primaryNotReady(step.canary, why));
