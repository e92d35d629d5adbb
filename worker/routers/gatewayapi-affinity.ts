/**
 * Session affinity in an HTTPRoute: rules in front of ours that keep a visitor on its side, and the filters that give out
 * the cookies. Pure. Rules: routers/README.md section 2.6.
 *
 * A rule that asks for a cookie has one header more than the rule it goes before, so it wins wherever it stands; between
 * the two cookies the order in the list decides.
 */
import type { AffinityCookies } from '../../canary/canary.ts';
import { canaryServiceName, type Canary } from '../../canary/canary.ts';
import { arrayAt, stringAt, type JsonRecord } from '../../platform/json.ts';
import type { OwnRule } from './gatewayapi-rule.ts';
import { escapeRegex } from './route-match.ts';
import { canarySetCookie, cookieRegex, forgetCookie, primarySetCookie } from './session-cookies.ts';

/** Our rules with those of the cookies before them. The first one given is the rule that is split. */
export function withAffinity(rules: readonly OwnRule[], canary: Canary, cookies: AffinityCookies): readonly OwnRule[] {
  const [split, ...others] = rules;
  if (split === undefined) return rules;
  if (cookies.canary === undefined) return [...forgetting([split, ...others], canary, cookies), ...rules];
  const sticky = [
    cookieRule(split, { cookie: cookies.canary, shares: [0, 100] }),
    ...(cookies.primary === undefined ? [] : [cookieRule(split, { cookie: cookies.primary, shares: [100, 0] })]),
  ];
  return [...sticky, { ...split, backendRefs: settingCookies(split, canary, cookies) }, ...others];
}

/** Visitors of a canary that has no traffic any more are the primary's, and their browsers are told. */
function forgetting(rules: readonly OwnRule[], canary: Canary, { previous }: AffinityCookies): readonly OwnRule[] {
  const { sessionAffinity } = canary.spec.analysis;
  const everybody = rules.at(-1);
  if (previous === undefined || sessionAffinity === undefined || everybody === undefined) return [];
  const rule = cookieRule(everybody, { cookie: previous, shares: [100, 0] });
  const [primary, ...rest] = rule.backendRefs;
  return [{ ...rule, backendRefs: [withSetCookie(primary ?? {}, forgetCookie(previous, sessionAffinity)), ...rest] }];
}

interface CookieRule {
  readonly cookie: string;
  /** Of primary and canary, in percent. */
  readonly shares: readonly [number, number];
}

/** Mirrors stay with the rule that is split: what a visitor of the canary asks is not copied to it again. */
function cookieRule(rule: OwnRule, { cookie, shares }: CookieRule): OwnRule {
  const header = { name: 'Cookie', type: 'RegularExpression', value: cookieRegex(cookie) };
  const ours = rule.backendRefs.map((ref) => ref['name']);
  const mirrored = (filter: JsonRecord): unknown => stringAt(filter, 'requestMirror', 'backendRef', 'name');
  return {
    ...rule,
    matches: rule.matches.map((match) => ({ ...match, headers: [...arrayAt(match, 'headers'), header] })),
    filters: rule.filters.filter((filter) => !ours.includes(mirrored(filter))),
    backendRefs: rule.backendRefs.map((ref, index) => ({ ...ref, weight: shares[index] })),
    isForCookie: true,
  };
}

function settingCookies({ backendRefs }: OwnRule, canary: Canary, cookies: AffinityCookies): readonly JsonRecord[] {
  const { analysis } = canary.spec;
  const { sessionAffinity } = analysis;
  if (sessionAffinity === undefined) return backendRefs;
  return backendRefs.map((ref) => {
    if (ref['name'] === canaryServiceName(canary)) {
      return cookies.canary === undefined ? ref : withSetCookie(ref, canarySetCookie(cookies.canary, sessionAffinity));
    }
    const { primary } = cookies;
    return primary === undefined ? ref : withSetCookie(ref, primarySetCookie(primary, analysis, sessionAffinity));
  });
}

const withSetCookie = (ref: JsonRecord, value: string): JsonRecord => ({
  ...ref,
  filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value }] } }],
});

/** The cookies that a filter sets. */
const cookiesSet = (filter: unknown): readonly string[] =>
  arrayAt(filter, 'responseHeaderModifier', 'add')
    .filter((header) => stringAt(header, 'name')?.toLowerCase() === 'set-cookie')
    .map((header) => stringAt(header, 'value') ?? '');

const nameOfCookie = (text: string): string => text.split('=', 1)[0] ?? '';

/** Names of the cookies that are ours: those that the Canary asks for, and those that we have noted to have set. */
export function ownCookieNames({ spec }: Canary, noted: readonly unknown[]): ReadonlySet<string> {
  const { sessionAffinity } = spec.analysis;
  const asked = [sessionAffinity?.cookieName, sessionAffinity?.primaryCookieName].filter((name) => name !== undefined);
  return new Set([...asked, ...noted.flatMap(cookiesSet).map(nameOfCookie)]);
}

/** Whether a filter of a backend sets one of these cookies: then it is ours, or was the reference's. */
export const setsCookie = (filter: unknown, names: ReadonlySet<string>): boolean =>
  cookiesSet(filter).some((cookie) => names.has(nameOfCookie(cookie)));

/** Whether a live rule is for the holders of one of these cookies, as we or the reference write it. */
export function isCookieRule(rule: unknown, names: ReadonlySet<string>): boolean {
  const matches = arrayAt(rule, 'matches');
  return matches.length > 0 && matches.every((match) => arrayAt(match, 'headers').some((one) => asksFor(one, names)));
}

function asksFor(header: unknown, names: ReadonlySet<string>): boolean {
  if (stringAt(header, 'name')?.toLowerCase() !== 'cookie') return false;
  if (stringAt(header, 'type') !== 'RegularExpression') return false;
  const value = stringAt(header, 'value') ?? '';
  return [...names].some((name) => value.includes(escapeRegex(name)));
}
