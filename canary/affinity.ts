/**
 * Session affinity: the cookies that keep a visitor where its first request went. Their values are derived, so a step
 * that is repeated writes the same ones; they are saved with the weight they belong to. Rules: routers/README.md section
 * 2.6 and state-machine.md section 6.
 */
import type { AffinityCookies, Canary, CanaryStatus, Weights } from './canary.ts';
import { capabilitiesOf } from './capabilities.ts';
import { derivedLetters } from './identity.ts';
import type { SessionAffinity } from './spec.ts';
import { currentWeights } from './weights.ts';

/**
 * The cookies that belong to these weights: those of the status while its weights stay, else new ones. The canary's is
 * one per run, the primary's one per weight, so that a step lets everybody take part in it.
 *
 * @returns undefined where the Canary asks for no affinity, or its provider has none
 */
export function cookiesAt(canary: Canary, status: CanaryStatus, weights: Weights): AffinityCookies | undefined {
  const { analysis, provider } = canary.spec;
  const affinity = analysis.sessionAffinity;
  if (affinity === undefined || capabilitiesOf(provider)?.sessionAffinity !== true) return undefined;
  if (weights.canary > 0) return sticky({ canary, status, affinity }, weights);
  const previous = status.sessionAffinityCookie ?? status.previousSessionAffinityCookie;
  return previous === undefined ? {} : { previous };
}

interface Situation {
  readonly canary: Canary;
  readonly status: CanaryStatus;
  readonly affinity: SessionAffinity;
}

function sticky(situation: Situation, weights: Weights): AffinityCookies {
  const { canary, status, affinity } = situation;
  const { cookieName, primaryCookieName } = affinity;
  const kept = called(cookieName, status.sessionAffinityCookie);
  const cookie = kept ?? `${cookieName}=${derivedLetters('canary cookie', canary.uid, runIdOf(status))}`;
  if (primaryCookieName === undefined) return { canary: cookie };
  return { canary: cookie, primary: primaryCookie({ ...situation, name: primaryCookieName }, weights) };
}

/** On its way up and on its way back a run may pass the same weight; the phase tells the two apart. */
function primaryCookie({ canary, status, name }: Situation & { readonly name: string }, weights: Weights): string {
  const isSameStep = currentWeights(canary, status).canary === weights.canary;
  const kept = isSameStep ? called(name, status.primarySessionAffinityCookie) : undefined;
  const way = status.phase === 'Promoting' ? 'back' : 'up';
  const parts = ['primary cookie', canary.uid, runIdOf(status), way, String(weights.canary)];
  return kept ?? `${name}=${derivedLetters(...parts)}`;
}

const runIdOf = (status: CanaryStatus): string => status.run?.id ?? '';

/** The cookie, if it still has the name that the Canary asks for. */
const called = (name: string, cookie: string | undefined): string | undefined =>
  cookie?.startsWith(`${name}=`) === true ? cookie : undefined;

/** The status with the cookies that the routes now have; without any where there is no affinity. */
export function withCookies(status: CanaryStatus, cookies: AffinityCookies | undefined): CanaryStatus {
  const { sessionAffinityCookie: _canary, primarySessionAffinityCookie: _primary, ...others } = status;
  const { previousSessionAffinityCookie: _previous, ...bare } = others;
  if (cookies === undefined) return bare;
  const { canary, primary, previous } = cookies;
  return {
    ...others,
    ...(canary === undefined ? {} : { sessionAffinityCookie: canary }),
    ...(primary === undefined ? {} : { primarySessionAffinityCookie: primary }),
    ...(previous === undefined ? {} : { previousSessionAffinityCookie: previous }),
  };
}
