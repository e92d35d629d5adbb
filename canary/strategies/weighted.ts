/** Traffic by weight: each step that passes its checks gives the canary its next share, up to the maximum. */
import type { Done } from '../action.ts';
import type { Analysis } from '../spec.ts';
import { route } from '../effects.ts';
import { events } from '../messages.ts';
import { confirmPromotion } from '../promotion.ts';
import type { Rule } from '../rule.ts';
import { change, changeRun, finish, runOf, say, spendSlot } from '../step.ts';
import type { Step } from '../step.ts';
import { confirmTraffic } from '../traffic-gate.ts';
import { split } from '../weights.ts';

/**
 * The share that follows this one, in percent. Equal steps may pass the maximum on their last step, as in the
 * reference; a list moves to its next larger entry and never jumps past its end.
 */
export function nextWeight(analysis: Analysis, current: number): number {
  const { stepWeight, stepWeights, maxWeight } = analysis;
  if (stepWeight > 0 || stepWeights.length === 0) return Math.min(100, current + stepWeight);
  const larger = stepWeights.filter((weight) => weight > current);
  return larger.length === 0 ? maxWeight : Math.min(100, ...larger);
}

export function* advanceWeighted(begun: Step): Rule<Done> {
  const { analysis } = begun.canary.spec;
  const step = runOf(begun).mirrored ? begun : yield* confirmTraffic(begun);
  const current = step.status.canaryWeight;
  if (current >= analysis.maxWeight) return yield* confirmPromotion(step);
  const mirrorFirst = analysis.mirror && current === 0 && !runOf(step).mirrored;
  const weight = mirrorFirst ? 0 : nextWeight(analysis, current);
  const routed = yield* route(step, split(weight, mirrorFirst));
  const moved = changeRun(change(routed, { canaryWeight: weight }), { mirrored: mirrorFirst });
  return finish(say(spendSlot(moved), events.canaryWeight(step.canary, weight)), 'advanced');
}
