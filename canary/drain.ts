/**
 * Connections before pods: a canary that has had traffic keeps its pods for the Canary's drain delay after the last of
 * it has left. Proxies need a moment to learn of new routes, and requests a moment to end. Nothing waits for it: the
 * run ends on time, and a later step of the settled canary takes the pods away. Decision record 0013.
 */
import type { Rule } from './rule.ts';
import { because, changeRun, clearRun, need, runOf, timestamp } from './step.ts';
import type { Step } from './step.ts';
import { currentWeights } from './weights.ts';

/** Whether pods would be taken away from under somebody's request: the canary has, or had until now, a share. */
export const hasTraffic = ({ canary, status }: Step): boolean => currentWeights(canary, status).canary > 0;

/** Notes that the last share leaves the canary with this step. Without a delay there is nothing to wait for. */
export const beginDrain = (step: Step): Step =>
  step.canary.spec.drainDelayMs === 0 ? step : changeRun(step, { drainingSince: timestamp(step.at) });

/** Takes the canary's pods away, or leaves them to finish what they have begun and says until when. */
export function* parkTarget(step: Step): Rule<Step> {
  const until = drainedAt(step);
  if (until !== undefined && step.at.now < until) {
    return because(step, `The canary's pods finish their connections until ${new Date(until).toISOString()}.`);
  }
  yield* need(step, { kind: 'scaleTarget', to: 'zero' });
  return clearRun(step, 'drainingSince');
}

/** Goes on with what `parkTarget` has left for later. */
export function* finishDrain(step: Step): Rule<Step> {
  return runOf(step).drainingSince === undefined ? step : yield* parkTarget(step);
}

/** Epoch milliseconds; undefined when nothing drains. */
function drainedAt(step: Step): number | undefined {
  const { drainingSince } = runOf(step);
  return drainingSince === undefined ? undefined : Date.parse(drainingSince) + step.canary.spec.drainDelayMs;
}
