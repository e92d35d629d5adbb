/** Metadata of a route object: what we want of it, and what of it is ours. Rules: routers/README.md section 2.3. */
import { fluxMarkers } from '../objects/flux-markers.ts';
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject, ObjectMeta } from '../../platform/kubernetes/object.ts';
import { ownedFields } from '../objects/managed-fields.ts';
import { controllerReference } from '../objects/owner.ts';

type Texts = Readonly<Record<string, string>>;

/** Name, labels and annotations of the Canary's route in its namespace, owned by the Canary. */
export function routeMetadata(canary: Canary, labels: Texts = {}): ObjectMeta {
  const { apex, name } = canary.spec.service;
  return {
    name,
    namespace: canary.namespace,
    labels: sorted({ ...apex.labels, ...labels }),
    annotations: sorted({ ...apex.annotations, ...fluxMarkers }),
    ownerReferences: [controllerReference(canary)],
  };
}

/**
 * What is to be applied to a live object: keys whose values are not managed keep their live value, and an object that was
 * taken over without an owner stays without one.
 */
export function metadataFor(wanted: ObjectMeta, live: KubernetesObject | undefined, canary: Canary): ObjectMeta {
  if (live === undefined) return wanted;
  const { unmanagedMetadata } = canary.spec.service;
  const { ownerReferences, ...rest } = wanted;
  const isOwned = live.metadata.ownerReferences?.some(({ uid }) => uid === canary.uid) ?? false;
  return {
    ...rest,
    labels: kept(wanted.labels, live.metadata.labels, unmanagedMetadata.labels),
    annotations: kept(wanted.annotations, live.metadata.annotations, unmanagedMetadata.annotations),
    ...(isOwned && ownerReferences !== undefined ? { ownerReferences } : {}),
  };
}

function kept(wanted: Texts = {}, live: Texts = {}, unmanaged: readonly string[]): Record<string, string> {
  const values = Object.entries(wanted).map(([key, value]) => [
    key,
    (unmanaged.includes(key) ? live[key] : undefined) ?? value,
  ]);
  return Object.fromEntries(values) as Record<string, string>;
}

/** Whether the live object has all of it, and nothing that we once wrote and no longer want. */
export function hasMetadata(live: KubernetesObject, wanted: ObjectMeta): boolean {
  return (['labels', 'annotations'] as const).every((field) => {
    const values = wanted[field] ?? {};
    const hasAll = Object.entries(values).every(([key, value]) => live.metadata[field]?.[key] === value);
    return hasAll && ownKeys(live, field).every((key) => key in values);
  });
}

/** Keys of labels or annotations that our field manager has applied. */
function ownKeys(live: KubernetesObject, field: 'labels' | 'annotations'): readonly string[] {
  const keys = Object.keys(ownedFields(live)?.['f:metadata']?.[`f:${field}`] ?? {});
  return keys.filter((key) => key.startsWith('f:')).map((key) => key.slice(2));
}

function sorted(texts: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
