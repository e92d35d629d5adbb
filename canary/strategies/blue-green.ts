/** Blue/Green: a number of checked iterations beside the live traffic, then all traffic at once, then the promotion. */
import type { Done } from '../action.ts';
import { events } from '../messages.ts';
import { carryOutPromotion, confirmPromotion, gatePromotion } from '../promotion.ts';
import type { Rule } from '../rule.ts';
import { change, changeRun, enter, finish, need, runOf, say, spendSlot } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary } from '../weights.ts';

export function* advanceBlueGreen(step: Step): Rule<Done> {
  const { iterations: wanted } = step.canary.spec.analysis;
  const { iterations: done } = step.status;
  if (done < wanted) return yield* iterate(step);
  // Routing all traffic to the canary is a step of its own; the gate that allowed it is not asked again after it.
  if (done > wanted) return yield* carryOutPromotion(step);
  if (!routesTraffic(step)) return yield* confirmPromotion(step);
  return yield* routeAll(yield* gatePromotion(step));
}

const routesTraffic = (step: Step): boolean => step.canary.spec.provider !== 'kubernetes';

function* iterate(step: Step): Rule<Done> {
  const { canary } = step;
  const mirror = routesTraffic(step) && canary.spec.analysis.mirror;
  if (mirror && !runOf(step).mirrored) {
    yield* need(step, { kind: 'ensureRoutes', weights: { ...allToPrimary, mirrored: true } });
  }
  const iterations = Math.max(0, step.status.iterations) + 1;
  const moved = changeRun(change(step, { iterations }), { mirrored: mirror });
  return finish(say(spendSlot(moved), events.iteration(canary, iterations)), 'advanced');
}

function* routeAll(step: Step): Rule<Done> {
  yield* need(step, { kind: 'ensureRoutes', weights: allToCanary });
  const text = runOf(step).mirrored ? events.mirrorToCanary() : events.allToCanary();
  const iterations = step.canary.spec.analysis.iterations + 1;
  const moved = changeRun(enter(step, 'Progressing', { iterations }), { mirrored: false });
  return finish(say(spendSlot(moved), text), 'advanced');
}
