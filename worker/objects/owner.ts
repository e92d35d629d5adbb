/** Owner references: what the Canary created goes away with it. */
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject, OwnerReference } from '../../platform/kubernetes/object.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, canaries } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';

export const controllerReference = (canary: Canary): OwnerReference => ({
  apiVersion: apiVersionOf(canaries),
  kind: canaries.kind,
  name: canary.name,
  uid: canary.uid,
  controller: true,
  blockOwnerDeletion: true,
});

const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((owner) => owner.controller === true);

/** Whether this very Canary (by uid, not by name) controls the object. */
export const isControlledBy = (object: KubernetesObject, canary: Canary): boolean =>
  controllerOf(object)?.uid === canary.uid;

/** The Canary other than this one (by uid, not by name) that controls the object. */
export function otherCanaryOf(object: KubernetesObject, canary: Canary): OwnerReference | undefined {
  const controller = controllerOf(object);
  return controller?.kind === canaries.kind && controller.uid !== canary.uid ? controller : undefined;
}

/**
 * Two Canaries must not fight over one object, and what a deleted Canary left behind is about to be collected.
 *
 * @throws AdapterError `unavailable` when the object is on its way out, `invalid` when another Canary controls it
 */
export function refuseOthers(object: KubernetesObject, canary: Canary): void {
  const where = `${object.kind} ${nameOf(object.metadata)}`;
  const other = otherCanaryOf(object, canary);
  const isLeft = other?.name === canary.name;
  if (isLeft || object.metadata.deletionTimestamp !== undefined) {
    const why = isLeft ? `belongs to a deleted Canary ${other.name} (uid ${other.uid})` : 'is being deleted';
    throw new AdapterError('unavailable', `${where} ${why}: waiting until it is gone`);
  }
  if (other === undefined) return;
  throw new AdapterError(
    'invalid',
    `${where}: expected no controller or Canary ${canary.name}, got Canary ${other.name}; ` +
      'rename the target or the service of one of the two',
  );
}
