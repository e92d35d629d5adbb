/**
 * Items of a pod spec that share the key by which server-side apply tells them apart: two names for one port, a variable
 * that is set twice. The API server stores them and pods run with them, but no list that holds them can be applied.
 */
import { arrayAt, isRecord } from '../../platform/json.ts';

/** List → the fields that are its key. In every other keyed list the API server refuses a key that repeats. */
type Keys = Readonly<Record<string, readonly string[]>>;
const keysOfPods: Keys = { imagePullSecrets: ['name'], hostAliases: ['ip'] };
const keysOfContainers: Keys = { env: ['name'], ports: ['containerPort', 'protocol'] };

/** Whether a pod spec, as the API server returns it, can't be applied because of such items. */
export function hasRepeatedItems(podSpec: unknown): boolean {
  const containers = [...arrayAt(podSpec, 'containers'), ...arrayAt(podSpec, 'initContainers')];
  return repeats(podSpec, keysOfPods) || containers.some((container) => repeats(container, keysOfContainers));
}

const repeats = (holder: unknown, lists: Keys): boolean =>
  Object.entries(lists).some(([list, fields]) => {
    const keys = arrayAt(holder, list).map((item) => keyOf(item, fields));
    return new Set(keys).size < keys.length;
  });

const keyOf = (item: unknown, fields: readonly string[]): string =>
  JSON.stringify(isRecord(item) ? fields.map((field) => item[field]) : item);
