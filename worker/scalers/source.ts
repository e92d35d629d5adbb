/** The autoscaler that a Canary names: the one that its user made for the target. */
import type { Canary } from '../../canary/canary.ts';
import type { Scaler } from '../../canary/spec.ts';
import type { KubernetesObject, ObjectMeta } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { copiedAnnotations, withoutToolkit } from '../objects/copied-metadata.ts';
import { controllerReference, isControlledBy, refuseOthers } from '../objects/owner.ts';
import type { StepObjects } from '../objects/step-objects.ts';
import type { ObjectAt } from '../objects/step-reads.ts';

export interface ScalerSource {
  readonly scaler: Scaler;
  readonly object: KubernetesObject;
}

export const scalerAt = ({ canary }: StepContext, resource: Resource, name: string): ObjectAt => ({
  resource,
  name: { namespace: canary.namespace, name },
});

/** @throws AdapterError `notFound` when there is none of this name, `invalid` when the Canary names none */
export async function readSource(objects: StepObjects, step: StepContext, resource: Resource): Promise<ScalerSource> {
  const { namespace, name, spec } = step.canary;
  const { scaler } = spec;
  if (scaler === undefined) {
    throw new AdapterError(
      'invalid',
      `spec.autoscalerRef of Canary ${namespace}/${name}: expected a ${resource.kind}, got none`,
    );
  }
  const object = await objects.get(step, scalerAt(step, resource, scaler.name));
  if (object !== undefined) return { scaler, object };
  throw new AdapterError(
    'notFound',
    `${resource.kind} ${scaler.name}.${namespace} get query error: there is no such object`,
  );
}

/** Name of the primary's scaler. */
export const primaryScalerName = ({ name }: Scaler): string => `${name}-primary`;

/**
 * Metadata of the primary's scaler: labels and annotations of its original, and the Canary as its owner unless it was
 * there before.
 */
export function primaryScalerMetadata(canary: Canary, { scaler, object }: ScalerSource, isOwned: boolean): ObjectMeta {
  const labels = withoutToolkit(object.metadata.labels ?? {});
  const annotations = copiedAnnotations(object.metadata.annotations ?? {});
  return {
    name: primaryScalerName(scaler),
    namespace: canary.namespace,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(isOwned ? { ownerReferences: [controllerReference(canary)] } : {}),
  };
}

/** Whether the scaler is, or becomes, the Canary's own. @throws AdapterError when it is another Canary's */
export function isOwnScaler(live: KubernetesObject | undefined, canary: Canary): boolean {
  if (live === undefined) return true;
  refuseOthers(live, canary);
  return isControlledBy(live, canary);
}
