/**
 * The primary's size. While the canary carries a share of the traffic, an autoscaler shrinks the primary; whoever then
 * moves all traffic back at once finds too few pods. So the primary first gets as many pods as serve now, together.
 *
 * An autoscaler that is not told would take them away again before the load is there: it is told the number as its
 * least, and keeps it until the load has been there for a while. Then the size is its own affair. Decision record 0014.
 */
import type { TargetFact } from './action.ts';
import { isSettledPhase } from './canary.ts';
import type { Revision, Sizing } from './canary.ts';
import { isNewRevision } from './revision.ts';
import type { Rule } from './rule.ts';
import { attempt } from './rule.ts';
import { because, changeRun, clearRun, keepWaiting, need, record, runOf, say, timestamp } from './step.ts';
import type { Step } from './step.ts';
import { warning } from './messages.ts';
import { currentWeights, isBypassed } from './weights.ts';

/** As long as an HPA looks back before it takes pods away: from then on all that it remembers is the full load. */
const holdMs = 5 * 60_000;

/** From this share on, in percent, the load of the primary at least doubles when the canary's comes back. */
const largeShare = 50;

/** How long a roll-back waits for more pods, in intervals: two steps are never closer. */
const longestWait = 0.9;

/** The size that the primary needs before the canary's share comes back; undefined when it has it, or no share comes. */
export function neededSize(step: Step, { target, primary }: TargetFact): Sizing | undefined {
  const { canary, status, at } = step;
  if (currentWeights(canary, status).canary === 0) return undefined;
  const since = timestamp(at);
  // Without an autoscaler the number of pods is the user's: the target's is what they say now. A new copy is born with it.
  if (canary.spec.scaler === undefined) {
    const isSmaller = primary !== undefined && primary.replicas < target.replicas;
    return isSmaller ? { replicas: target.replicas, own: 0, since } : undefined;
  }
  const own = isBypassed(canary, status) ? 0 : (primary?.replicas ?? 0);
  return { replicas: own + target.replicas, own, since };
}

/** Adds the size to what is decided. What an earlier run has left is forgotten. */
export function decideSize(step: Step, seen: TargetFact): Step {
  const sizing = neededSize(step, seen);
  return sizing === undefined ? clearRun(step, 'sizing') : changeRun(step, { sizing });
}

/** The size follows a canary that has grown since, as under more load or when its autoscaler was slow to see its share. */
export function growSize(step: Step, { target }: TargetFact): Step {
  const { sizing } = runOf(step);
  if (sizing === undefined || currentWeights(step.canary, step.status).canary === 0) return step;
  const replicas = sizing.own + target.replicas;
  return replicas > sizing.replicas ? changeRun(step, { sizing: { ...sizing, replicas } }) : step;
}

/** Whether the primary had to be given more pods, which are not there yet. */
export function* enlargePrimary(step: Step): Rule<boolean> {
  const { sizing } = runOf(step);
  if (sizing === undefined) return false;
  const { raised } = yield* need(step, { kind: 'sizePrimary', replicas: sizing.replicas });
  return raised;
}

/**
 * Sizes the primary for a roll-back and says whether the traffic is worth holding for it: the share is large, its pods
 * are ready, and one interval has not gone by. What is rolled back is bad, so a size that cannot be had is only said.
 */
export function* sizeForRollback(step: Step, seen: TargetFact): Rule<{ readonly step: Step; readonly hold: boolean }> {
  const sized = yield* recordSize(step, seen);
  const { sizing } = runOf(sized);
  if (sizing === undefined) return { step, hold: false };
  const outcome = yield* attempt({ kind: 'sizePrimary', replicas: sizing.replicas });
  if (!outcome.ok) return { step: say(sized, warning(outcome.failure.message)), hold: false };
  const isThere = !outcome.value.raised && seen.primary?.readiness.kind === 'ready';
  if (isThere || !isWorthHolding(sized, seen, sizing)) return { step: sized, hold: false };
  const why = `The primary is given ${sizing.replicas} pods before the canary's traffic comes back.`;
  return { step: because(keepWaiting(sized), why), hold: true };
}

/** Counted once and saved before it is asked for: after a crash the pods that were added are not counted again. */
function* recordSize(step: Step, seen: TargetFact): Rule<Step> {
  const sizing = runOf(step).sizing === undefined ? neededSize(step, seen) : undefined;
  if (sizing === undefined) return step;
  // The pods that the primary has are ready: those that come now are no reason to call it unready.
  const steady = { ...runOf(step).steady, primary: seen.primary?.replicas ?? 0 };
  return yield* record(changeRun(step, { sizing, steady }));
}

/**
 * Sizes the primary for a run that starts over. The pods of the new revision take the old ones' place already, so
 * nothing is held for it.
 */
export function* sizeForRestart(step: Step, seen: TargetFact): Rule<Step> {
  const sizing = neededSize(step, seen);
  if (sizing === undefined) return step;
  const outcome = yield* attempt({ kind: 'sizePrimary', replicas: sizing.replicas });
  return outcome.ok ? changeRun(step, { sizing }) : say(step, warning(outcome.failure.message));
}

function isWorthHolding({ canary, status, at }: Step, { target }: TargetFact, { since }: Sizing): boolean {
  const serves = target.replicas > 0 && target.readiness.kind === 'ready';
  const waited = at.now - Date.parse(since);
  const isLarge = currentWeights(canary, status).canary >= largeShare;
  return serves && isLarge && waited < longestWait * canary.spec.analysis.intervalMs;
}

/** The traffic is there: an autoscaler is held to the size for a while, elsewhere there is nothing to hold. */
export function holdSize(step: Step): Step {
  const { sizing } = runOf(step);
  if (sizing === undefined || step.canary.spec.scaler === undefined) return clearRun(step, 'sizing');
  return changeRun(step, { sizing: { ...sizing, since: timestamp(step.at) } });
}

/** Leaves the size to the autoscaler when the load has been there for long enough, unless a decision still needs it. */
export function releaseSize(step: Step): Step {
  const { sizing, decision } = runOf(step);
  if (sizing === undefined || decision !== undefined) return step;
  return step.at.now - Date.parse(sizing.since) < holdMs ? step : clearRun(step, 'sizing');
}

/**
 * Pods that the primary's scaler may not go below, beside what its user says; undefined where there is nothing to add. KEDA
 * takes a primary without load to zero, which is its user's wish at rest. A release needs somebody to compare with and to
 * return to.
 *
 * @param now what the target is; left out while there is nothing to compare it with
 */
export function leastPods(step: Step, now?: Revision): number | undefined {
  const { canary, status } = step;
  const { sizing, decision } = runOf(step);
  if (sizing !== undefined) return sizing.replicas;
  if (canary.spec.scaler?.kind !== 'ScaledObject') return undefined;
  const isAtRest =
    isSettledPhase(status.phase) && decision === undefined && !(now !== undefined && isNewRevision(status, now));
  return isAtRest ? undefined : 1;
}
