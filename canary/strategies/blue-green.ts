/** Blue/Green: a number of checked iterations beside the live traffic, then all traffic at once, then the promotion. */
import type { Done } from '../action.ts';
import { route, tryRoute } from '../effects.ts';
import { events, warning } from '../messages.ts';
import { allRouted, forgotten, noted } from '../notes.ts';
import { carryOutPromotion, gatePromotion } from '../promotion.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { change, changeRun, finish, runOf, say, spendSlot, stopped } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary, allToPrimary, currentWeights, isAllRouted } from '../weights.ts';

export function* advanceBlueGreen(step: Step): Rule<Done> {
  const { canary, status } = step;
  if (status.iterations < canary.spec.analysis.iterations) return yield* iterate(step);
  // Routing all traffic to the canary is a step of its own; the gate that allowed it is not asked again after it.
  if (isAllRouted(canary, status)) return yield* carryOutPromotion(step);
  return yield* routeAll(yield* gatePromotion(step));
}

/** Copies requests to the canary from the first iteration on, unless it has the traffic itself. */
function* iterate(begun: Step): Rule<Done> {
  // More iterations were asked for after it had all traffic: that is to be approved anew.
  const step = forgotten(begun, allRouted);
  const { canary, status } = step;
  const mirrored = canary.spec.analysis.mirror && currentWeights(canary, status).canary === 0;
  const begins = mirrored && !runOf(step).mirrored;
  const routed = begins ? yield* beginMirror(step) : changeRun(step, { mirrored });
  const iterations = status.iterations + 1;
  const moved = change(routed, { iterations });
  return finish(say(spendSlot(moved), events.iteration(canary, iterations)), 'advanced');
}

/** A mirror is an extra: one that cannot be written is said, and tried again with the next iteration. */
function* beginMirror(step: Step): Rule<Step> {
  const outcome = yield* tryRoute(step, { ...allToPrimary, mirrored: true });
  if (outcome.ok) return changeRun(outcome.value, { mirrored: true });
  const { failure } = outcome;
  return failure.reason === 'conflict' ? yield* end(stopped(step, failure)) : say(step, warning(failure.message));
}

/** The kubernetes provider routes nothing, and takes as many steps as the others. */
function* routeAll(step: Step): Rule<Done> {
  const { provider, analysis } = step.canary.spec;
  const isRouted = provider !== 'kubernetes';
  const routed = isRouted ? yield* route(step, allToCanary) : step;
  const passed = noted(change(routed, { iterations: analysis.iterations + 1 }), allRouted);
  const moved = spendSlot(changeRun(passed, { mirrored: false }));
  if (!isRouted) return finish(moved, 'advanced');
  return finish(say(moved, runOf(step).mirrored ? events.mirrorToCanary() : events.allToCanary()), 'advanced');
}
