/** Taking over a route that a user has made. Rules: routers/README.md section 2.3. */
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject, ObjectMeta } from '../../platform/kubernetes/object.ts';
import type { Ownership } from './route-ownership.ts';

/** Annotation of a Canary: `"true"` lets it take over a route of the right name that is not its own. */
export const adoptAnnotation = 'aviary.dev/adopt';

/** Annotation of a route that was taken over: its spec (JSON) before the first change. The reference's name. */
export const originalConfigurationAnnotation = 'flagger.kubernetes.io/original-configuration';

export const adopts = ({ annotations }: Canary): boolean => annotations[adoptAnnotation] === 'true';

/** Adds the snapshot to what is to be applied: the first one ever taken, or what a foreign route is now. */
export function withSnapshot(metadata: ObjectMeta, live: KubernetesObject | undefined, owner: Ownership): ObjectMeta {
  const stored = live?.metadata.annotations?.[originalConfigurationAnnotation];
  const snapshot = stored ?? (owner.kind === 'foreign' ? JSON.stringify(live?.['spec'] ?? {}) : undefined);
  if (snapshot === undefined) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [originalConfigurationAnnotation]: snapshot } };
}
