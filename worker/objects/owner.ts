/** Owner references: what the Canary created goes away with it. */
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject, OwnerReference } from '../../platform/kubernetes-object.ts';
import { nameOf } from '../../platform/kubernetes-object.ts';
import { apiVersionOf, canaries } from '../../platform/resources.ts';
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

/**
 * Two Canaries must not fight over one object, and what a deleted Canary left behind is about to be collected.
 *
 * @throws AdapterError with reason `invalid` when another Canary controls the object
 */
export function refuseOtherCanary(object: KubernetesObject, canary: Canary): void {
  const controller = controllerOf(object);
  if (controller === undefined || controller.kind !== canaries.kind || controller.uid === canary.uid) return;
  throw new AdapterError(
    'invalid',
    `${object.kind} ${nameOf(object.metadata)}: expected no controller or Canary ${canary.name} (uid ${canary.uid}), ` +
      `got Canary ${controller.name} (uid ${controller.uid}); rename the target or the service of one of the two, ` +
      'or delete the object if its Canary no longer exists',
  );
}
