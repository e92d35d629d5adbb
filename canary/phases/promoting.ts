/**
 * Promoting and Finalising: wait for the primary to run the promoted revision, bring the traffic back, scale down.
 *
 *   Promoting ──primary ready, in its size, traffic back──▶ Finalising ──canary parked──▶ Succeeded
 *        ▲ └──primary past its deadline──▶ Failed, the canary keeps the traffic
 *        └────primary without a ready pod: its traffic goes to the canary, from Finalising too
 */
import type { Done, TargetFact } from '../action.ts';
import { parkTarget } from '../drain.ts';
import { route } from '../effects.ts';
import { alerts, events } from '../messages.ts';
import { finishRun } from '../post-rollout.ts';
import { carryOutPromotion, restart } from '../promotion.ts';
import { forgetPrimary, noteSteady, serves } from '../readiness.ts';
import { awaitPrimary, primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import type { Waits } from '../reconcile.ts';
import { isDecided, isOwnHash } from '../revision.ts';
import { carryOutRollback } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { enlargePrimary, growSize, holdSize } from '../sizing.ts';
import {
  because,
  change,
  changeRun,
  clearRun,
  count,
  enter,
  finish,
  isOverdue,
  keepWaiting,
  need,
  runOf,
} from '../step.ts';
import { say, spendSlot, tell } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary, currentWeights, split } from '../weights.ts';
import { untilCanaryReady } from './progressing.ts';

export function* promoting(begun: Step): Rule<Done> {
  const { step: repaired, seen } = yield* untilPrimaryReady(begun);
  const sized = noteSteady(yield* untilPrimarySized(repaired, seen), seen);
  if (sized.canary.spec.skipAnalysis) {
    const routed = yield* route(sized, allToPrimary);
    return yield* succeed(routed);
  }
  const step = yield* untilCanaryReady(sized, seen);
  const { canary: weight } = currentWeights(step.canary, step.status);
  // No traffic is left on the canary: nothing to shift.
  if (weight === 0) return finish(spendSlot(enter(step, 'Finalising', settledPosition)), 'promoting');
  return yield* shift(step, weight);
}

/** As the reference writes it: with the end of the shift the run has no position any more. */
const settledPosition = { canaryWeight: 0, iterations: 0 } as const;

function* shift(step: Step, weight: number): Rule<Done> {
  const { stepWeightPromotion } = step.canary.spec.analysis;
  const allAtOnce = stepWeightPromotion === 0;
  const rest = allAtOnce ? 0 : Math.max(0, weight - stepWeightPromotion);
  const routed = yield* route(step, split(rest));
  const text = allAtOnce ? events.allToPrimary() : events.primaryWeight(step.canary, 100 - rest);
  const told = say(spendSlot(change(routed, { canaryWeight: rest })), text);
  return finish(rest === 0 ? enter(told, 'Finalising', settledPosition) : told, 'advanced');
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
  if (!isOwnHash(begun.status.lastAppliedSpec)) {
    yield* end(yield* restart(yield* reconcile(begun, seen), seen.revision));
  }
  // Somebody took the copy away: it is made anew of what was analysed, never of what the target is by now.
  if (seen.primary === undefined) yield* end(yield* carryOutPromotion(begun));
  const step = yield* reconcile(begun, seen);
  const waits = primaryWaits(step, seen);
  if (waits === undefined) return { step, seen };
  const isLate = waits.stuck || isOverdue(keepWaiting(step));
  if (isLate) yield* end(yield* failPromotion(step, { seen, waits }));
  return yield* end(awaitPrimary(yield* leaveEmptyPrimary(step, seen), waits, 'promoting'));
}

/**
 * The primary is given the size that was decided on with the promotion. Where somebody keeps taking pods away again the
 * deadline ends the argument: then the traffic goes to what there is.
 */
function* untilPrimarySized(begun: Step, seen: TargetFact): Rule<Step> {
  const step = growSize(begun, seen);
  const { sizing } = runOf(step);
  if (sizing === undefined || (seen.primary?.replicas ?? 0) >= sizing.replicas) return step;
  const raised = yield* enlargePrimary(step);
  // More pods than were wanted before are another wait than the one that is over.
  const isLarger = sizing.replicas > (runOf(begun).sizing?.replicas ?? 0);
  // Nor are the pods that were ready until now enough for it.
  const waiting = keepWaiting(isLarger ? clearRun(forgetPrimary(step), 'waitingSince') : step);
  if (!raised || isOverdue(waiting)) return step;
  const why = `The primary is given ${sizing.replicas} pods before it takes the traffic.`;
  return yield* end(finish(because(waiting, why), 'promoting'));
}

/** A share of a primary that has no pod left to answer goes to the pods that have been proven, until it has some again. */
function* leaveEmptyPrimary(step: Step, seen: TargetFact): Rule<Step> {
  const isServed = currentWeights(step.canary, step.status).primary === 0;
  const isEmpty = seen.primary?.available === 0;
  if (isServed || !isEmpty || !servesFromCanary(step) || !isProven(step, seen) || !serves(seen.target)) return step;
  const routed = yield* route(step, allToCanary);
  const moved = enter(routed, 'Promoting', { canaryWeight: 100 });
  return say(moved, events.allToCanary());
}

/** Whether the canary's pods are those that were analysed. */
const isProven = ({ status }: Step, { revision }: TargetFact): boolean => isDecided(status, revision);

/**
 * The new primary never became ready: the canary takes the traffic, or whatever still serves keeps serving. The
 * decision stays, so a primary that recovers with this revision completes the promotion. Pods that have become another
 * revision meanwhile are not proven: they are given traffic only where the primary has nobody left, and are analysed.
 */
function* failPromotion(step: Step, { seen, waits }: { seen: TargetFact; waits: Waits }): Rule<Done> {
  const { canary } = step;
  const takesOver = servesFromCanary(step) && (isProven(step, seen) || isLastResort(seen));
  if (takesOver && !serves(seen.target)) {
    if (seen.target.replicas === 0) yield* need(step, { kind: 'scaleTarget', to: 'running' });
    return awaitPrimary(step, waits, 'promoting');
  }
  const noticed = sayPrimaryWaits(step, waits);
  const routed = takesOver ? yield* route(noticed, allToCanary) : noticed;
  const told = tell(say(routed, events.promotionFailed(canary, waits.error)), alerts.promotionFailed(waits.error));
  const kept = changeRun(clearRun(clearRun(told, 'waitingSince'), 'drainingSince'), { decision: { kind: 'promote' } });
  const canaryWeight = takesOver ? 100 : currentWeights(canary, step.status).canary;
  const failed = enter(kept, 'Failed', { canaryWeight, failedChecks: 0, iterations: 0 });
  return yield* finishRun(count(failed, 'failure', 'completed'), { as: 'Failed', outcome: 'rolledBack' });
}

/** A revision that was not analysed takes no traffic that it has not; the kubernetes provider moves none. */
const servesFromCanary = ({ canary, status }: Step): boolean =>
  canary.spec.provider !== 'kubernetes' && (!canary.spec.skipAnalysis || currentWeights(canary, status).canary > 0);

const isLastResort = ({ primary, target }: TargetFact): boolean => primary?.available === 0 && serves(target);

function* succeed(begun: Step): Rule<Done> {
  const step = yield* parkTarget(begun);
  const analysis = step.canary.spec.skipAnalysis ? 'skipped' : 'completed';
  const done = enter(clearRun(clearRun(holdSize(step), 'waitingSince'), 'decision'), 'Succeeded', {
    ...settledPosition,
    ...(step.status.lastAppliedSpec === undefined ? {} : { lastPromotedSpec: step.status.lastAppliedSpec }),
  });
  return yield* finishRun(count(done, 'success', analysis), { as: 'Succeeded', outcome: 'succeeded' });
}
