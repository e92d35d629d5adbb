/** HorizontalPodAutoscalers, autoscaling/v2. Rules: spec of targets, section 9. */
import { primaryName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Scaler } from '../../canary/spec.ts';
import { numberAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, horizontalPodAutoscalers } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient } from '../objects/step-objects.ts';
import type { ScalerAdapter } from './scaler.ts';
import { isOwnScaler, primaryScalerMetadata, primaryScalerName, readSource, scalerAt } from './source.ts';
import type { ScalerSource } from './source.ts';

export interface HpaScalerOptions {
  readonly client: ObjectsClient;
}

export function createHpaScaler({ client }: HpaScalerOptions): ScalerAdapter {
  const objects = createStepObjects(client);
  const read = (step: StepContext): Promise<ScalerSource> => readSource(objects, step, horizontalPodAutoscalers);
  return {
    ensurePrimary: async (step, atLeast) => {
      const { scaler, object: source } = await read(step);
      await objects.ensure(step, {
        at: scalerAt(step, horizontalPodAutoscalers, primaryScalerName(scaler)),
        plan: (live) => {
          const isOwned = isOwnScaler(live, step.canary);
          return { desired: primaryAutoscaler(step.canary, { scaler, source, atLeast, isOwned }) };
        },
        repeat: 'always',
      });
    },
    mostReplicas: async (step) => {
      const { scaler, object } = await read(step);
      return mostOf(scaler, object);
    },
    // An HPA does nothing for a workload that has no replicas.
    pause: async () => {},
    resume: async () => {},
    minReplicas: async (step) => {
      const { object } = await read(step);
      return Math.max(1, numberAt(object, 'spec', 'minReplicas') ?? 1);
    },
  };
}

interface AutoscalerWish {
  readonly scaler: Scaler;
  /** The autoscaler that the user made for the target. */
  readonly source: KubernetesObject;
  /** What the primary may not go below for now, within `maxReplicas`. */
  readonly atLeast?: number | undefined;
  readonly isOwned: boolean;
}

/** The fields of the primary's autoscaler that we apply. */
export function primaryAutoscaler(canary: Canary, wish: AutoscalerWish): KubernetesObject {
  const { scaler, source, atLeast, isOwned } = wish;
  return {
    apiVersion: apiVersionOf(horizontalPodAutoscalers),
    kind: horizontalPodAutoscalers.kind,
    metadata: primaryScalerMetadata(canary, { scaler, object: source }, isOwned),
    spec: {
      scaleTargetRef: {
        apiVersion: canary.spec.target.apiVersion,
        kind: canary.spec.target.kind,
        name: primaryName(canary),
      },
      minReplicas: Math.max(leastOf(scaler, source), Math.min(atLeast ?? 1, mostOf(scaler, source))),
      maxReplicas: mostOf(scaler, source),
      ...copied(source, 'metrics'),
      ...copied(source, 'behavior'),
    },
  };
}

const leastOf = (scaler: Scaler, source: KubernetesObject): number =>
  scaler.primaryMinReplicas ?? numberAt(source, 'spec', 'minReplicas') ?? 1;

// The API server admits no HPA without it.
const mostOf = (scaler: Scaler, source: KubernetesObject): number =>
  scaler.primaryMaxReplicas ?? numberAt(source, 'spec', 'maxReplicas') ?? 1;

function copied(source: KubernetesObject, field: 'metrics' | 'behavior'): JsonRecord {
  const value = valueAt(source, 'spec', field);
  return value === undefined ? {} : { [field]: value };
}
