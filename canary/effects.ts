/** Effects that may have something to say beside that they were done. */
import type { Action } from './action.ts';
import { cookiesAt, withCookies } from './affinity.ts';
import type { Weights } from './canary.ts';
import { warning } from './messages.ts';
import type { Rule } from './rule.ts';
import { need, sayOnce } from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary } from './weights.ts';

type Telling = Extract<Action, { readonly kind: 'ensureServices' | 'ensureApex' | 'ensureRoutes' }>;

/** Carries an effect out, or ends the step. Its warnings are said, each once per run. */
export function* ensure(step: Step, effect: Telling): Rule<Step> {
  const remarks = yield* need(step, effect);
  const warnings = remarks?.warnings ?? [];
  return warnings.reduce((told, message) => sayOnce(told, `warned: ${message}`, warning(message)), step);
}

/**
 * Brings the routes to these weights, with the cookies that belong to them, or ends the step.
 *
 * @returns the step with the cookies in its status: to be saved together with the weight, or not at all
 */
export function* route(step: Step, weights: Weights): Rule<Step> {
  const cookies = cookiesAt(step.canary, step.status, weights);
  const routed = yield* ensure(step, { kind: 'ensureRoutes', weights, ...(cookies && { cookies }) });
  return { ...routed, status: withCookies(routed.status, cookies) };
}

/** Leaves everything to the primary while the canary can't answer. Its share and its cookies stay in the status. */
export function* lend(step: Step): Rule<Step> {
  const hasCookies = cookiesAt(step.canary, step.status, allToPrimary) !== undefined;
  return yield* ensure(step, { kind: 'ensureRoutes', weights: allToPrimary, ...(hasCookies && { cookies: {} }) });
}
