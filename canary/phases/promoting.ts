/**
 * Promoting and Finalising: wait for the primary to run the promoted revision, bring the traffic back, scale down.
 *
 *   Promoting ──primary ready, traffic back──▶ Finalising ──canary at zero──▶ Succeeded
 *        └──primary past its deadline──▶ Failed, the canary keeps the traffic
 */
import type { Done, TargetFact } from '../action.ts';
import { route } from '../effects.ts';
import { alerts, events } from '../messages.ts';
import { finishRun } from '../post-rollout.ts';
import { carryOutPromotion, restart } from '../promotion.ts';
import { awaitPrimary, primaryWaits, reconcile } from '../reconcile.ts';
import type { Waits } from '../reconcile.ts';
import { isOwnHash } from '../revision.ts';
import { carryOutRollback } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { changeRun, clearRun, count, enter, finish, isOverdue, keepWaiting, need, runOf } from '../step.ts';
import { say, spendSlot, tell } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary, currentWeights, split } from '../weights.ts';
import { untilCanaryReady } from './progressing.ts';

export function* promoting(begun: Step): Rule<Done> {
  const { step: repaired, seen } = yield* untilPrimaryReady(begun);
  const { spec } = begun.canary;
  if (spec.skipAnalysis) return yield* succeed(yield* route(repaired, allToPrimary));
  const step = yield* untilCanaryReady(repaired, seen);
  const { canary: weight } = currentWeights(step.canary, step.status);
  // No traffic is left on the canary: nothing to shift.
  if (weight === 0) return finish(spendSlot(enter(step, 'Finalising', { canaryWeight: 0 })), 'promoting');
  const allAtOnce = spec.analysis.stepWeightPromotion === 0;
  const rest = allAtOnce ? 0 : Math.max(0, weight - spec.analysis.stepWeightPromotion);
  const routed = yield* route(step, split(rest));
  const text = allAtOnce ? events.allToPrimary() : events.primaryWeight(step.canary, 100 - rest);
  const phase = rest === 0 ? 'Finalising' : 'Promoting';
  return finish(say(spendSlot(enter(routed, phase, { canaryWeight: rest })), text), 'advanced');
}

/** A canary without pods has been scaled down already; one whose pods are in trouble is not passed over. */
export function* finalising(begun: Step): Rule<Done> {
  const { step, seen } = yield* untilPrimaryReady(begun);
  if (!step.canary.spec.skipAnalysis && seen.target.replicas > 0) yield* untilCanaryReady(step, seen);
  return yield* succeed(step);
}

interface Repaired {
  readonly step: Step;
  readonly seen: TargetFact;
}

function* untilPrimaryReady(begun: Step): Rule<Repaired> {
  if (runOf(begun).decision?.kind === 'rollback') yield* end(yield* carryOutRollback(begun));
  const seen = yield* need(begun, { kind: 'observeTarget' });
  if (!isOwnHash(begun.status.lastAppliedSpec)) yield* end(yield* restart(begun, seen.revision));
  // Somebody took the copy away: it is made anew of what was analysed, never of what the target is by now.
  if (seen.primary === undefined) yield* end(yield* carryOutPromotion(begun));
  const step = yield* reconcile(begun, seen);
  const waits = primaryWaits(step, seen);
  if (waits === undefined) return { step, seen };
  const isLate = waits.stuck || isOverdue(keepWaiting(step));
  return yield* end(isLate ? yield* failPromotion(step, { seen, waits }) : awaitPrimary(step, waits, 'promoting'));
}

/**
 * The new primary never became ready: the canary takes the traffic, or whatever still serves keeps serving. The
 * decision stays, so a primary that recovers with this revision completes the promotion.
 */
function* failPromotion(step: Step, { seen, waits }: { seen: TargetFact; waits: Waits }): Rule<Done> {
  const { canary } = step;
  const isMoved = servesFromCanary(step);
  if (isMoved && !hasReadyPods(seen.target)) return awaitPrimary(step, waits, 'promoting');
  const routed = isMoved ? yield* route(step, allToCanary) : step;
  const told = tell(say(routed, events.promotionFailed(canary, waits.error)), alerts.promotionFailed(waits.error));
  const kept = changeRun(clearRun(told, 'waitingSince'), { decision: { kind: 'promote' } });
  const failed = enter(kept, 'Failed', { canaryWeight: isMoved ? 100 : 0, failedChecks: 0, iterations: 0 });
  return yield* finishRun(count(failed, 'failure', 'completed'), { as: 'Failed', outcome: 'rolledBack' });
}

/** A revision that was not analysed takes no traffic that it has not; the kubernetes provider moves none. */
const servesFromCanary = ({ canary, status }: Step): boolean =>
  canary.spec.provider !== 'kubernetes' && (!canary.spec.skipAnalysis || currentWeights(canary, status).canary > 0);

const hasReadyPods = ({ replicas, readiness }: TargetFact['target']): boolean =>
  replicas > 0 && readiness.kind === 'ready';

function* succeed(step: Step): Rule<Done> {
  yield* need(step, { kind: 'scaleTarget', to: 'zero' });
  const analysis = step.canary.spec.skipAnalysis ? 'skipped' : 'completed';
  const done = enter(clearRun(clearRun(step, 'waitingSince'), 'decision'), 'Succeeded', {
    canaryWeight: 0,
    iterations: 0,
    ...(step.status.lastAppliedSpec === undefined ? {} : { lastPromotedSpec: step.status.lastAppliedSpec }),
  });
  return yield* finishRun(count(done, 'success', analysis), { as: 'Succeeded', outcome: 'succeeded' });
}
