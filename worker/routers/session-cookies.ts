/** Cookies of session affinity, as any router says and recognises them. Rules: routers/README.md section 2.6. */
import type { Analysis, SessionAffinity } from '../../canary/spec.ts';
import { escapeRegex } from './route-match.ts';

/** A regular expression (RE2) for a Cookie header that holds just this cookie among others. */
export const cookieRegex = (cookie: string): string => String.raw`^(.*;\s*)?${escapeRegex(cookie)}\s*(;.*)?$`;

/** What a response of the canary sets. */
export const canarySetCookie = (cookie: string, affinity: SessionAffinity): string =>
  setCookie(cookie, affinity.maxAge, affinity);

/** What a response of the primary sets: it holds until the next weight step. */
export const primarySetCookie = (cookie: string, { intervalMs }: Analysis, affinity: SessionAffinity): string =>
  setCookie(cookie, Math.ceil(intervalMs / 1000), affinity);

/** Makes a browser forget a cookie: it only does where Domain, Path and Partitioned are those that it was set with. */
export const forgetCookie = (cookie: string, affinity: SessionAffinity): string => setCookie(cookie, -1, affinity);

/** The attributes are in their order already. */
function setCookie(cookie: string, maxAge: number, { attributes }: SessionAffinity): string {
  const others = Object.entries(attributes)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => (value === true ? name : `${name}=${value}`));
  return [cookie, `Max-Age=${maxAge}`, ...others].join('; ');
}
