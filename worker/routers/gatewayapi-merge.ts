/**
 * Lays our rules into the rules of a live HTTPRoute. Pure.
 *
 * The API server knows `rules` as one atomic field, so whoever writes a rule writes them all: the rules of others are
 * written back as they were read, under the version that was read. Within our own rules the same holds for filters,
 * timeouts and further fields that others added. What we added ourselves is noted in an annotation, so that it goes away
 * when the Canary no longer asks for it. Why: docs/decisions/0011-rules-of-others-in-an-httproute.md.
 */
import { isDeepStrictEqual } from 'node:util';
import { canaryServiceName, primaryServiceName, type Canary } from '../../canary/canary.ts';
import { arrayAt, isRecord, parseJson, recordAt, stringAt, valueAt, type JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { isCookieRule, ownCookieNames, setsCookie } from './gatewayapi-affinity.ts';
import type { OwnRule } from './gatewayapi-rule.ts';
import { adopts } from './route-adoption.ts';

/** What we last wrote into our rules beside matches and backends. */
export const appliedAnnotation = 'aviary.dev/applied-filters';

/** Types that the API's own validation does not let a rule have twice. */
const single = new Set(['RequestHeaderModifier', 'ResponseHeaderModifier', 'URLRewrite', 'RequestRedirect', 'CORS']);

/** Filters and timeouts that our rules put into the route, as text for the annotation; undefined when there are none. */
export function appliedNote(rules: readonly OwnRule[]): string | undefined {
  const filters = rules.flatMap((rule) => [
    ...rule.filters,
    ...rule.backendRefs.flatMap((ref) => arrayAt(ref, 'filters')),
  ]);
  const timeouts = rules.find((rule) => rule.timeouts !== undefined)?.timeouts;
  const unique = filters.filter(
    (filter, index) => filters.findIndex((other) => isDeepStrictEqual(other, filter)) === index,
  );
  if (unique.length === 0 && timeouts === undefined) return undefined;
  return JSON.stringify({ filters: unique, ...(timeouts && { timeouts }) });
}

/** All rules that are to be written: others' as they are, ours in the place of the first of ours. */
export function mergedRules(live: KubernetesObject, own: readonly OwnRule[], canary: Canary): readonly unknown[] {
  const rules = arrayAt(live, 'spec', 'rules');
  // In a route that is adopted, the rules for the apex are those that ours take the place of.
  const isReplaced = (rule: unknown): boolean => adopts(canary) && leadsToApex(rule, canary);
  const isOurs = (rule: unknown): boolean => isOwnRule(rule, own, canary) || isReplaced(rule);
  const applied = readNote(live, canary);
  const previous = rules.filter((rule) => isOurs(rule) && !isCookieRule(rule, applied.cookies));
  const plain = own.filter((rule) => rule.isForCookie !== true);
  const next = own.map((rule) => mergedRule(counterpart(previous, rule, plain), rule, applied));
  const first = rules.findIndex(isOurs);
  const before = first === -1 ? rules : rules.slice(0, first);
  const after = first === -1 ? [] : rules.slice(first).filter((rule) => !isOurs(rule));
  return [...before, ...next, ...after];
}

const backendNames = (rule: unknown): readonly (string | undefined)[] =>
  arrayAt(rule, 'backendRefs').map((ref) => stringAt(ref, 'name'));

function leadsToApex(rule: unknown, { spec }: Canary): boolean {
  const names = backendNames(rule);
  return names.length > 0 && names.every((name) => name === spec.service.name);
}

/** The live rules with the apex in the place of our two Services. */
export function rulesToApex(live: KubernetesObject, canary: Canary): readonly unknown[] {
  const { name, port } = canary.spec.service;
  const ours = new Set<string | undefined>([primaryServiceName(canary), canaryServiceName(canary)]);
  const leadsToOurs = (rule: unknown): boolean => backendNames(rule).some((backend) => ours.has(backend));
  const cookies = ownCookieNames(canary, notedFilters(live));
  const kept = arrayAt(live, 'spec', 'rules').filter((rule) => !(leadsToOurs(rule) && isCookieRule(rule, cookies)));
  return kept.map((rule) =>
    isRecord(rule) && leadsToOurs(rule) ? { ...rule, backendRefs: [{ group: '', kind: 'Service', name, port }] } : rule,
  );
}

/** Our weighted rule names both Services; the reference's fallback rule of an A/B test names the primary alone. */
function isOwnRule(rule: unknown, own: readonly OwnRule[], canary: Canary): boolean {
  const names = backendNames(rule);
  if (names.includes(primaryServiceName(canary)) && names.includes(canaryServiceName(canary))) return true;
  const isFallback = names.length === 1 && names[0] === primaryServiceName(canary);
  return isFallback && own.some(({ matches }) => isDeepStrictEqual(arrayAt(rule, 'matches'), matches));
}

/** Whether any rule of a live route names both Services of the Canary. */
export const namesBothServices = (live: KubernetesObject, canary: Canary): boolean =>
  arrayAt(live, 'spec', 'rules').some((rule) => isOwnRule(rule, [], canary));

/** The canary's share in the live route, among those without a cookie; 0 where the route does not say. */
export function liveCanaryShare(live: KubernetesObject, canary: Canary): number {
  const { cookies } = readNote(live, canary);
  const isSplit = (rule: unknown): boolean => isOwnRule(rule, [], canary) && !isCookieRule(rule, cookies);
  const rule = arrayAt(live, 'spec', 'rules').find(isSplit);
  const ref = arrayAt(rule, 'backendRefs').find((one) => stringAt(one, 'name') === canaryServiceName(canary));
  const weight = valueAt(ref, 'weight');
  return typeof weight === 'number' ? weight : 0;
}

/**
 * The live rule that ours replaces: the one with the same matches, else the one at the same place. The rule of a cookie
 * is made anew after the one that it goes before; names are unique in a route.
 */
function counterpart(previous: readonly unknown[], rule: OwnRule, plain: readonly OwnRule[]): JsonRecord {
  const model = rule.isForCookie === true ? plain[0] : rule;
  const same = previous.find((one) => isDeepStrictEqual(arrayAt(one, 'matches'), model?.matches));
  const found = same ?? previous[plain.findIndex((one) => one === model)];
  if (!isRecord(found)) return {};
  const { name, ...unnamed } = found;
  return rule.isForCookie === true || name === undefined ? unnamed : found;
}

interface Applied {
  readonly filters: readonly unknown[];
  readonly timeouts: unknown;
  /** Names of the cookies of ours that the route may know. */
  readonly cookies: ReadonlySet<string>;
}

// Where somebody has made it unreadable, what is in the rules counts as theirs.
const noteOf = (live: KubernetesObject): unknown => parseJson(live.metadata.annotations?.[appliedAnnotation]);
const notedFilters = (live: KubernetesObject): readonly unknown[] => arrayAt(noteOf(live), 'filters');

function readNote(live: KubernetesObject, canary: Canary): Applied {
  const filters = notedFilters(live);
  return { filters, timeouts: recordAt(noteOf(live), 'timeouts'), cookies: ownCookieNames(canary, filters) };
}

function mergedRule(live: JsonRecord, own: OwnRule, applied: Applied): JsonRecord {
  const { filters: _, timeouts, ...others } = live;
  const filters = [...own.filters, ...foreignFilters(live, own, applied)];
  const kept = isDeepStrictEqual(timeouts, applied.timeouts) ? undefined : timeouts;
  const nextTimeouts = own.timeouts ?? kept;
  return {
    ...others,
    matches: own.matches,
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: own.backendRefs.map((ref) => withForeignFilters(live, ref, applied)),
    ...(nextTimeouts === undefined ? {} : { timeouts: nextTimeouts }),
  };
}

function foreignFilters(live: JsonRecord, own: OwnRule, applied: Applied): readonly unknown[] {
  const taken = new Set(own.filters.map((filter) => stringAt(filter, 'type')));
  return arrayAt(live, 'filters').filter((filter) => {
    const type = stringAt(filter, 'type') ?? '';
    const isOurs = [...own.filters, ...applied.filters].some((one) => isDeepStrictEqual(one, filter));
    return !isOurs && !mirrorsTo(filter, own) && !(single.has(type) && taken.has(type));
  });
}

/** A mirror to one of our own backends was ours, whoever wrote it: the reference leaves no note. */
function mirrorsTo(filter: unknown, own: OwnRule): boolean {
  const name = stringAt(filter, 'requestMirror', 'backendRef', 'name');
  return name !== undefined && own.backendRefs.some((ref) => ref['name'] === name);
}

/** Of filters that a backend may have once, ours win. */
function withForeignFilters(live: JsonRecord, ref: JsonRecord, applied: Applied): JsonRecord {
  const same = arrayAt(live, 'backendRefs').find((one) => stringAt(one, 'name') === ref['name']);
  const own = arrayAt(ref, 'filters');
  const taken = new Set(own.map((filter) => stringAt(filter, 'type')));
  const isOurs = (filter: unknown): boolean =>
    setsCookie(filter, applied.cookies) || applied.filters.some((one) => isDeepStrictEqual(one, filter));
  const foreign = arrayAt(same, 'filters').filter((filter) => !isOurs(filter) && !taken.has(stringAt(filter, 'type')));
  const filters = [...own, ...foreign];
  return filters.length === 0 ? ref : { ...ref, filters };
}
