/** Which Kuma mesh a Canary belongs to. Rule: routers/kuma.md section 7. */
import type { Canary } from './canary.ts';

/** The key of the label or annotation that names the mesh, on Canaries, namespaces and routes. */
export const meshKey = 'kuma.io/mesh';

/** Where neither the Canary nor its namespace names one. */
export const defaultMesh = 'default';

/** The mesh that the Canary itself names; undefined where its namespace or the default decides. */
export const declaredMesh = (canary: Pick<Canary, 'labels' | 'annotations'>): string | undefined =>
  canary.labels[meshKey] ?? canary.annotations[meshKey];
