/** Blue/Green: a number of checked iterations beside the live traffic, then all traffic at once, then the promotion. */
import type { Done } from '../action.ts';
import { route } from '../effects.ts';
import { events } from '../messages.ts';
import { carryOutPromotion, gatePromotion } from '../promotion.ts';
import type { Rule } from '../rule.ts';
import { change, changeRun, finish, runOf, say, spendSlot } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary, currentWeights } from '../weights.ts';

export function* advanceBlueGreen(step: Step): Rule<Done> {
  const { iterations: wanted } = step.canary.spec.analysis;
  const { iterations: done } = step.status;
  if (done < wanted) return yield* iterate(step);
  // Routing all traffic to the canary is a step of its own; the gate that allowed it is not asked again after it.
  if (done > wanted) return yield* carryOutPromotion(step);
  return yield* routeAll(yield* gatePromotion(step));
}

/** Copies requests to the canary from the first iteration on, unless it has the traffic itself. */
function* iterate(step: Step): Rule<Done> {
  const { canary, status } = step;
  const mirrored = canary.spec.analysis.mirror && currentWeights(canary, status).canary === 0;
  const begins = mirrored && !runOf(step).mirrored;
  const routed = begins ? yield* route(step, { ...allToPrimary, mirrored }) : step;
  const iterations = status.iterations + 1;
  const moved = changeRun(change(routed, { iterations }), { mirrored });
  return finish(say(spendSlot(moved), events.iteration(canary, iterations)), 'advanced');
}

/** The kubernetes provider routes nothing, and takes as many steps as the others. */
function* routeAll(step: Step): Rule<Done> {
  const iterations = step.status.iterations + 1;
  const isRouted = step.canary.spec.provider !== 'kubernetes';
  const routed = isRouted ? yield* route(step, allToCanary) : step;
  const moved = spendSlot(changeRun(change(routed, { iterations }), { mirrored: false }));
  if (!isRouted) return finish(moved, 'advanced');
  return finish(say(moved, runOf(step).mirrored ? events.mirrorToCanary() : events.allToCanary()), 'advanced');
}
