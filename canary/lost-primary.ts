/**
 * A primary that somebody deleted. What it ran is stored nowhere but in the target, and there only until a new revision
 * comes: it is made anew of the promoted revision, never of one that is being analysed, waits for approval or has failed.
 * Until then the canary's pods, where there are any, are all that can serve. Decision record 0021.
 */
import type { TargetFact, WorkloadFact } from './action.ts';
import { route } from './effects.ts';
import { flaggerId } from './identity.ts';
import { events } from './messages.ts';
import { readinessOf } from './readiness.ts';
import { isPromotedRevision } from './revision.ts';
import type { Rule } from './rule.ts';
import { change, need, runOf, say } from './step.ts';
import type { Step } from './step.ts';
import { allToCanary, currentWeights } from './weights.ts';

/** What it is told with. */
export const whyLost =
  'it was deleted, and the target is not the promoted revision any more: expected that one, to make it anew at once, ' +
  'or a new one, to run and promote';

/** Whether there is no primary, and nothing that one could be made of without a run. */
export const isLost = ({ canary, status }: Step, { primary, revision }: TargetFact): boolean =>
  primary === undefined && !canary.spec.skipAnalysis && !isPromotedRevision(status, revision);

/** Makes a primary that is missing anew, where the target is what it ran. */
export function* remakePrimary(step: Step, seen: TargetFact): Rule<void> {
  if (seen.primary !== undefined || isLost(step, seen)) return;
  yield* need(step, { kind: 'ensurePrimary', follow: false, flaggerId: flaggerId(step.canary, seen.revision) });
}

/**
 * Gives the canary all of the traffic of a lost primary, where it has pods that answer and the provider moves traffic.
 *
 * @returns undefined where there is nothing to give
 */
export function* replacePrimary(step: Step, seen: TargetFact): Rule<Step | undefined> {
  const { canary, status } = step;
  const isRouted = canary.spec.provider !== 'kubernetes';
  if (!isLost(step, seen) || !isRouted || !isServing(step, seen.target)) return undefined;
  if (currentWeights(canary, status).primary === 0) return undefined;
  const routed = yield* route(step, allToCanary);
  return say(change(routed, { canaryWeight: 100 }), events.allToCanary());
}

const isServing = (step: Step, target: WorkloadFact): boolean =>
  target.replicas > 0 && readinessOf(target, runOf(step).steady?.canary).kind === 'ready';
