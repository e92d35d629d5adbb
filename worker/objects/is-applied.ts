/** Would applying an object change anything? Answered from what was read, so that nothing is sent when nothing differs. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { ownedFields } from './managed-fields.ts';
import type { FieldTree } from './managed-fields.ts';

/**
 * Whether the live object holds every field of `desired`, and our manager owns none beyond them.
 * Fields of others and defaults that the API server filled in are no difference; an object that our manager never
 * applied is one.
 */
export function isApplied(live: KubernetesObject, desired: KubernetesObject): boolean {
  const owned = ownedFields(live);
  // Metadata is merged field by field, even where we own none of it.
  return owned !== undefined && holds(live, desired, { 'f:metadata': { '.': {} }, ...owned });
}

/** `owned` is what we own of this very value: undefined for nothing, an empty tree for the value as a whole. */
function holds(live: unknown, desired: unknown, owned: FieldTree | undefined): boolean {
  if (isRecord(desired)) return isRecord(live) && recordHolds(live, desired, owned);
  if (Array.isArray(desired)) return Array.isArray(live) && listHolds(live, desired, owned);
  // A scalar with the wanted value will do, whoever owns it.
  return live === desired;
}

function recordHolds(live: JsonRecord, desired: JsonRecord, owned: FieldTree | undefined): boolean {
  // Without a tree it cannot be told whether the map is merged by key or replaced whole: only equality is sure.
  if (owned === undefined || Object.keys(owned).length === 0) return isDeepStrictEqual(live, desired);
  const wanted = Object.entries(desired).filter(([, value]) => value !== undefined);
  const fields = new Set(wanted.map(([field]) => `f:${field}`));
  const ownsMore = Object.keys(owned).some((step) => step.startsWith('f:') && !fields.has(step));
  return !ownsMore && wanted.every(([field, value]) => holds(live[field], value, owned[`f:${field}`]));
}

function listHolds(live: readonly unknown[], desired: readonly unknown[], owned: FieldTree | undefined): boolean {
  const keyed = Object.keys(owned ?? {}).filter((step) => step.startsWith('k:'));
  if (owned === undefined || keyed.length === 0) {
    return live.length === desired.length && desired.every((item, index) => covers(live[index], item));
  }
  return keyedListHolds({ live, desired, owned, keyed });
}

interface KeyedLists {
  readonly live: readonly unknown[];
  readonly desired: readonly unknown[];
  readonly owned: FieldTree;
  /** The steps of `owned` that lead to items. */
  readonly keyed: readonly string[];
}

/** The items of ours are there in our order, and we own no others. */
function keyedListHolds({ live, desired, owned, keyed }: KeyedLists): boolean {
  let from = 0;
  const matched = new Set<string>();
  for (const item of desired) {
    const step = keyed.find((candidate) => hasKeys(item, candidate));
    const index = step === undefined ? -1 : live.findIndex((candidate, at) => at >= from && hasKeys(candidate, step));
    if (step === undefined || index === -1 || !holds(live[index], item, owned[step])) return false;
    from = index + 1;
    matched.add(step);
  }
  return matched.size === keyed.length;
}

function hasKeys(item: unknown, step: string): boolean {
  const keys: unknown = JSON.parse(step.slice('k:'.length));
  return isRecord(item) && isRecord(keys) && Object.entries(keys).every(([key, value]) => item[key] === value);
}

/** Everything that is wanted is there; more fields in a map may be defaults, more items in a list may not. */
function covers(live: unknown, desired: unknown): boolean {
  if (isRecord(desired)) {
    return isRecord(live) && Object.entries(desired).every(([field, value]) => covers(live[field], value));
  }
  if (Array.isArray(desired)) {
    return Array.isArray(live) && live.length === desired.length && desired.every((item, i) => covers(live[i], item));
  }
  return live === desired;
}
