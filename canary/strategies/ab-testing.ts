/** A/B testing: requests that match go to the canary for a number of checked iterations, then the promotion. */
import type { Done } from '../action.ts';
import { route } from '../effects.ts';
import { events } from '../messages.ts';
import { confirmPromotion } from '../promotion.ts';
import type { Rule } from '../rule.ts';
import { change, finish, say, spendSlot } from '../step.ts';
import type { Step } from '../step.ts';
import { allToCanary } from '../weights.ts';

/** The routes are asserted at every iteration; in between `reconcile` keeps them. */
export function* advanceAbTesting(step: Step): Rule<Done> {
  const { iterations: wanted } = step.canary.spec.analysis;
  if (step.status.iterations >= wanted) return yield* confirmPromotion(step);
  const iterations = step.status.iterations + 1;
  const routed = iterations === 1 ? yield* route(step, allToCanary) : step;
  const moved = change(routed, { iterations });
  return finish(say(spendSlot(moved), events.iteration(step.canary, iterations)), 'advanced');
}
