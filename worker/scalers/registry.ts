/** Which adapter serves which kind of autoscaler. */
import type { Canary } from '../../canary/canary.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import type { ObjectsClient } from '../objects/step-objects.ts';
import { createHpaScaler } from './horizontal-pod-autoscaler.ts';
import type { HpaScalerOptions } from './horizontal-pod-autoscaler.ts';
import { createScaledObjectScaler } from './scaled-object.ts';
import type { ScalerAdapter } from './scaler.ts';

/** Every kind that the schema admits in `spec.autoscalerRef`. */
export type ScalerKind = 'HorizontalPodAutoscaler' | 'ScaledObject';

const factories: Record<ScalerKind, (options: HpaScalerOptions) => ScalerAdapter> = {
  HorizontalPodAutoscaler: createHpaScaler,
  ScaledObject: createScaledObjectScaler,
};

/**
 * The autoscaler adapter of each Canary: undefined where it names none, one that refuses where it names a kind that
 * cannot be served.
 */
export function createScalers({
  client,
}: {
  readonly client: ObjectsClient;
}): (canary: Canary) => ScalerAdapter | undefined {
  const made = new Map<ScalerKind, ScalerAdapter>();
  return ({ spec }) => {
    if (spec.scaler === undefined) return undefined;
    const { kind } = spec.scaler;
    if (!isScalerKind(kind)) return refusing(kind);
    const scaler = made.get(kind) ?? factories[kind]({ client });
    made.set(kind, scaler);
    return scaler;
  };
}

const isScalerKind = (kind: string): kind is ScalerKind => Object.hasOwn(factories, kind);

function refusing(kind: string): ScalerAdapter {
  const refuse = async ({ canary }: StepContext): Promise<never> => {
    throw new AdapterError(
      'unsupported',
      `spec.autoscalerRef.kind of Canary ${canary.namespace}/${canary.name}: expected a kind that Aviary can copy ` +
        `(HorizontalPodAutoscaler, ScaledObject), got ${kind}; name one of them or remove spec.autoscalerRef`,
    );
  };
  return { ensurePrimary: refuse, mostReplicas: refuse, pause: refuse, resume: refuse, minReplicas: refuse };
}
