/** Patches of a spec alone, guarded by the version of the spec: what others write into the status does not refuse them. */
import { isRecord } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { JsonPatchOperation } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/**
 * The JSON Patch that says what a JSON merge patch says, and holds for the spec that was read and no other one: the API
 * server counts `generation` up with every change of it.
 *
 * @param patch RFC 7386
 * @returns undefined for a kind without a generation, and for a patch that changes more than the spec
 */
export function specOperations(live: KubernetesObject, patch: JsonRecord): readonly JsonPatchOperation[] | undefined {
  const { generation, uid } = live.metadata;
  const { spec, ...more } = patch;
  const before = live['spec'];
  if (generation === undefined || uid === undefined || Object.keys(more).length > 0) return undefined;
  if (!isRecord(spec) || !isRecord(before)) return undefined;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/generation', value: generation },
    ...operations(before, spec, '/spec'),
  ];
}

function operations(before: JsonRecord, patch: JsonRecord, at: string): readonly JsonPatchOperation[] {
  return Object.entries(patch).flatMap(([key, value]): readonly JsonPatchOperation[] => {
    const path = `${at}/${escaped(key)}`;
    const known = before[key];
    if (value === null) return known === undefined ? [] : [{ op: 'remove', path }];
    if (!isRecord(value)) return [{ op: 'add', path, value }];
    return isRecord(known) ? operations(known, value, path) : [{ op: 'add', path, value: withoutNulls(value) }];
  });
}

/** As RFC 6901 wants it. */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Where nothing is, a merge patch has nothing to take away. */
function withoutNulls(record: JsonRecord): JsonRecord {
  const kept = Object.entries(record).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isRecord(value) ? withoutNulls(value) : value]));
}
