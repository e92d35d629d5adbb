/** Whose an existing route object is. Rules: routers/README.md section 2.3. */
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject, OwnerReference } from '../../platform/kubernetes/object.ts';
import { fluxMarkers } from '../objects/flux-markers.ts';

export type Ownership =
  | { readonly kind: 'ours' }
  /** Somebody else's: it is not touched, unless it is adopted, which what another Canary controls can't be. */
  | { readonly kind: 'foreign'; readonly owner: string; readonly isAdoptable: boolean }
  /** Left by a deleted Canary of the same name, and about to be removed by the garbage collector. */
  | { readonly kind: 'leaving' };

/**
 * @param namesOurServices whether the object routes to the Canary's two Services; with the Flux markers that is how the
 *   reference leaves objects that it has taken over
 */
export function ownershipOf(live: KubernetesObject, canary: Canary, namesOurServices: boolean): Ownership {
  if (live.metadata.deletionTimestamp !== undefined) return { kind: 'leaving' };
  const controller = live.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (controller !== undefined) return byController(controller, canary);
  if (namesOurServices && isMarked(live)) return { kind: 'ours' };
  return { kind: 'foreign', owner: 'nobody', isAdoptable: true };
}

function byController({ apiVersion, kind, name, uid }: OwnerReference, canary: Canary): Ownership {
  if (uid === canary.uid) return { kind: 'ours' };
  const isCanary = kind === 'Canary' && apiVersion.startsWith('flagger.app/');
  if (isCanary && name === canary.name) return { kind: 'leaving' };
  return { kind: 'foreign', owner: `${kind} ${name}`, isAdoptable: !isCanary };
}

function isMarked({ metadata }: KubernetesObject): boolean {
  return Object.entries(fluxMarkers).every(([key, value]) => metadata.annotations?.[key] === value);
}
