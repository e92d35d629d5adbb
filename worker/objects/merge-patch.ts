/** Merge patches (RFC 7386) that give an object back to its users. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject, ManagedFields } from '../../platform/kubernetes/object.ts';
import { fluxMarkers } from './flux-markers.ts';
import { isOwnEntry } from './managed-fields.ts';

/** The patch that turns one value into another: an empty one when they are equal. Lists are replaced as a whole. */
export function mergePatchTo(from: JsonRecord, to: JsonRecord): JsonRecord {
  const gone = Object.keys(from).filter((key) => to[key] === undefined);
  const changed = Object.entries(to).filter(([key, value]) => !isDeepStrictEqual(from[key], value));
  return Object.fromEntries([
    ...gone.map((key) => [key, null] as const),
    ...changed.map(([key, value]) => [key, valuePatch(from[key], value)] as const),
  ]);
}

const valuePatch = (from: unknown, to: unknown): unknown =>
  isRecord(from) && isRecord(to) ? mergePatchTo(from, to) : to;

/**
 * Metadata of the patch with which we leave a user's object: without the labels and annotations that only we have
 * applied, without the marks that keep Flux away, and with none of its fields in our name.
 *
 * @param notes further annotations of ours, whoever is recorded as their owner
 */
export function leavingMetadata(live: KubernetesObject, notes: readonly string[] = []): JsonRecord {
  const { labels = {}, annotations = {}, managedFields = [] } = live.metadata;
  const others = managedFields.filter((entry) => !isOwnEntry(entry));
  const removed = (keys: Iterable<string>, of: Readonly<Record<string, string>>): JsonRecord =>
    Object.fromEntries([...keys].filter((key) => key in of).map((key) => [key, null]));
  const ownAnnotations = new Set([...onlyOurs(managedFields, 'annotations'), ...Object.keys(fluxMarkers), ...notes]);
  return {
    labels: removed(onlyOurs(managedFields, 'labels'), labels),
    annotations: removed(ownAnnotations, annotations),
    // An empty list would leave the record as it is.
    ...(others.length === 0 || others.length === managedFields.length ? {} : { managedFields: others }),
  };
}

function onlyOurs(entries: readonly ManagedFields[], field: 'labels' | 'annotations'): readonly string[] {
  const keysOf = (entry: ManagedFields): readonly string[] =>
    Object.keys(recordAt(entry, 'fieldsV1', 'f:metadata', `f:${field}`) ?? {});
  const others = new Set(entries.filter((entry) => !isOwnEntry(entry)).flatMap(keysOf));
  const ours = entries.filter(isOwnEntry).flatMap(keysOf);
  return ours.filter((step) => step.startsWith('f:') && !others.has(step)).map((step) => step.slice(2));
}

/** Whether a patch says nothing at all. */
export const isEmptyPatch = (patch: unknown): boolean =>
  isRecord(patch) && Object.values(patch).every((value) => isRecord(value) && isEmptyPatch(value));
