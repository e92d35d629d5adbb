/**
 * Promoting and Finalising: wait for the primary to run the promoted revision, bring the traffic back, scale down.
 *
 *   Promoting ──primary ready, traffic back──▶ Finalising ──canary at zero──▶ Succeeded
 *        └──primary past its deadline──▶ Failed, the canary keeps the traffic
 */
import type { Done, TargetFact } from '../action.ts';
import { alerts, events } from '../messages.ts';
import { finishRun } from '../post-rollout.ts';
import { primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import type { Rule } from '../rule.ts';
import {
  changeRun,
  clearRun,
  count,
  enter,
  finish,
  isOverdue,
  keepWaiting,
  need,
  say,
  spendSlot,
  tell,
} from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary, currentWeights, split } from '../weights.ts';
import { untilCanaryReady } from './progressing.ts';

export function* promoting(begun: Step): Rule<Done> {
  const seen = yield* need(begun, { kind: 'observeTarget' });
  const waits = primaryWaits(seen);
  if (waits !== undefined) return yield* waitForPrimary(begun, waits);
  yield* reconcile(begun, seen);
  const { spec } = begun.canary;
  const weight = begun.status.canaryWeight;
  const allAtOnce = spec.analysis.stepWeightPromotion === 0;
  if (spec.skipAnalysis || spec.provider === 'kubernetes' || weight === 0) return yield* moveOn(begun);
  const step = yield* untilCanaryReady(begun, seen);
  const rest = allAtOnce ? 0 : Math.max(0, weight - spec.analysis.stepWeightPromotion);
  yield* need(step, { kind: 'ensureRoutes', weights: split(rest) });
  const text = allAtOnce ? events.allToPrimary() : events.primaryWeight(step.canary, 100 - rest);
  const phase = rest === 0 ? 'Finalising' : 'Promoting';
  return finish(say(spendSlot(enter(step, phase, { canaryWeight: rest })), text), 'advanced');
}

/** No traffic is left on the canary: nothing to shift. */
function* moveOn(step: Step): Rule<Done> {
  yield* need(step, { kind: 'ensureRoutes', weights: allToPrimary });
  return finish(spendSlot(enter(step, 'Finalising', { canaryWeight: 0 })), 'promoting');
}

function* waitForPrimary(step: Step, waits: { readonly why: string; readonly stuck: boolean }): Rule<Done> {
  const waiting = keepWaiting(step);
  if (!waits.stuck && !isOverdue(waiting)) return finish(sayPrimaryWaits(waiting, waits.why), 'promoting');
  return yield* failPromotion(waiting, waits.why);
}

/**
 * The new primary never became ready: whatever still serves keeps serving. The decision stays, so a primary that
 * recovers with this revision completes the promotion.
 */
function* failPromotion(step: Step, why: string): Rule<Done> {
  const { canary } = step;
  const servesFromCanary = currentWeights(canary, step.status).canary > 0;
  if (servesFromCanary) yield* need(step, { kind: 'ensureRoutes', weights: allToCanary });
  const told = tell(say(step, events.promotionFailed(canary, why)), alerts.promotionFailed(why));
  const kept = changeRun(clearRun(told, 'waitingSince'), { decision: { kind: 'promote' } });
  const failed = enter(kept, 'Failed', { canaryWeight: servesFromCanary ? 100 : 0, failedChecks: 0, iterations: 0 });
  return yield* finishRun(count(failed, 'failure', 'completed'), { as: 'Failed', outcome: 'rolledBack' });
}

export function* finalising(step: Step): Rule<Done> {
  const seen: TargetFact = yield* need(step, { kind: 'observeTarget' });
  const waits = primaryWaits(seen);
  if (waits !== undefined) return finish(sayPrimaryWaits(keepWaiting(step), waits.why), 'promoting');
  yield* reconcile(step, seen);
  yield* need(step, { kind: 'scaleTarget', to: 'zero' });
  const analysis = step.canary.spec.skipAnalysis ? 'skipped' : 'completed';
  const done = enter(clearRun(step, 'waitingSince'), 'Succeeded', {
    canaryWeight: 0,
    iterations: 0,
    ...(step.status.lastAppliedSpec === undefined ? {} : { lastPromotedSpec: step.status.lastAppliedSpec }),
  });
  return yield* finishRun(count(done, 'success', analysis), { as: 'Succeeded', outcome: 'succeeded' });
}
