/** The autoscaler that a Canary names: the one that its user made for the target. */
import type { Scaler } from '../../canary/spec.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import type { Resource } from '../../platform/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
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
