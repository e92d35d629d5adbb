/** Effects that may have something to say beside that they were done. */
import type { Action, Outcome, Remarks } from './action.ts';
import { cookiesAt, withCookies } from './affinity.ts';
import type { Weights } from './canary.ts';
import { beginDrain, hasTraffic } from './drain.ts';
import { warning } from './messages.ts';
import { attempt, end } from './rule.ts';
import type { Rule } from './rule.ts';
import { clearRun, isRunning, need, runOf, sayOnce, stopped } from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary } from './weights.ts';

type Telling = Extract<Action, { readonly kind: 'ensureServices' | 'ensureApex' }>;
type Routing = Extract<Action, { readonly kind: 'ensureRoutes' }>;

/** Carries an effect out, or ends the step. Its warnings are said, each once per run. */
export function* ensure(step: Step, effect: Telling): Rule<Step> {
  return sayRemarks(step, yield* need(step, effect));
}

const sayRemarks = (step: Step, remarks: Remarks | null): Step =>
  (remarks?.warnings ?? []).reduce((told, message) => sayOnce(told, `warned: ${message}`, warning(message)), step);

/**
 * Brings the routes to these weights, with the cookies that belong to them, or ends the step. When the last share leaves
 * the canary its connections begin to drain: a share by the status, or one that only the route knows, of a step that died
 * before it could save it or of a strategy that was edited meanwhile.
 *
 * @returns the step with the cookies in its status: to be saved together with the weight, or not at all
 */
export function* route(step: Step, weights: Weights): Rule<Step> {
  const outcome = yield* tryRoute(step, weights);
  return outcome.ok ? outcome.value : yield* end(stopped(step, outcome.failure));
}

/** The same for routes that the step can do without. */
export function* tryRoute(step: Step, weights: Weights): Rule<Outcome<Step>> {
  const cookies = cookiesAt(step.canary, step.status, weights);
  const outcome = yield* attempt(wish(weights, cookies));
  if (!outcome.ok) return outcome;
  const { value: answer } = outcome;
  const told = sayRemarks(step, answer);
  const routed = { ...told, status: withCookies(told.status, cookies) };
  if (weights.canary > 0) return { ok: true, value: clearRun(routed, 'drainingSince') };
  const isLast = hasTraffic(step) || (answer?.tookTraffic === true && takesPods(step));
  return { ok: true, value: isLast ? beginDrain(routed) : routed };
}

/**
 * Whether some step will take the canary's pods away. Those of a canary at rest, which drains nothing any more, are
 * whoever's who gave it traffic.
 */
function takesPods(step: Step): boolean {
  const { decision, drainingSince } = runOf(step);
  return isRunning(step) || decision !== undefined || drainingSince !== undefined;
}

/** Leaves everything to the primary while the canary can't answer. Its share and its cookies stay in the status. */
export function* lend(step: Step): Rule<Step> {
  const hasCookies = cookiesAt(step.canary, step.status, allToPrimary) !== undefined;
  return sayRemarks(step, yield* need(step, wish(allToPrimary, hasCookies ? {} : undefined)));
}

const wish = (weights: Weights, cookies: Routing['cookies']): Routing => ({
  kind: 'ensureRoutes',
  weights,
  ...(cookies && { cookies }),
});
