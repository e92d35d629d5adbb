/** What the parts of a pod target share: where its objects are, and how they are read and judged. */
import type { Readiness } from '../../canary/action.ts';
import { primaryName } from '../../canary/canary.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import type { ObjectsClient, StepObjects } from '../objects/step-objects.ts';
import type { ObjectAt } from '../objects/step-reads.ts';
import type { ConfigCopies } from './configs/copies.ts';
import type { ConfigTracker } from './configs/tracker.ts';
import type { CopyRules } from './primary-workload.ts';
import type { WorkloadKind } from './workload-kind.ts';

export interface PodTargetOptions {
  readonly client: ObjectsClient & Pick<KubernetesClient, 'delete'>;
  readonly rules: CopyRules;
  readonly tracker: ConfigTracker;
  /** Replicas of a workload that the Canary's autoscaler would start with, at least 1. Asked only where there is one. */
  readonly leastReplicas: (step: StepContext) => Promise<number>;
}

export interface PodAdapter extends PodTargetOptions {
  readonly kind: WorkloadKind;
  readonly objects: StepObjects;
  readonly copies: ConfigCopies;
}

const at = ({ kind }: PodAdapter, { canary }: StepContext, name: string): ObjectAt => ({
  resource: kind.resource,
  name: { namespace: canary.namespace, name },
});
export const targetAt = (adapter: PodAdapter, step: StepContext): ObjectAt =>
  at(adapter, step, step.canary.spec.target.name);
export const primaryAt = (adapter: PodAdapter, step: StepContext): ObjectAt =>
  at(adapter, step, primaryName(step.canary));

/** @throws AdapterError as {@link found}; KubernetesError when it can't be read */
export const readTarget = async (adapter: PodAdapter, step: StepContext): Promise<KubernetesObject> =>
  found(adapter, step, await adapter.objects.get(step, targetAt(adapter, step)));

/** @throws AdapterError `notFound` where there is none, `invalid` for one that can't be rolled out */
export function found(
  { kind }: PodAdapter,
  { canary }: StepContext,
  target: KubernetesObject | undefined,
): KubernetesObject {
  const { name } = canary.spec.target;
  if (target === undefined) {
    throw new AdapterError(
      'notFound',
      `${kind.noun} ${name}.${canary.namespace} get query error: there is no such object`,
    );
  }
  kind.assertUsable(target);
  return target;
}

/** Whether the Canary names an autoscaler, be it there or not. */
export const isAutoscaled = ({ canary }: StepContext): boolean => canary.spec.scaler !== undefined;

export interface Judged {
  readonly workload: KubernetesObject;
  /** Percent of its pods that must be available. */
  readonly readyThreshold: number;
}

export const readinessOf = ({ kind }: PodAdapter, { canary, now }: StepContext, judged: Judged): Readiness =>
  kind.readiness(judged.workload, {
    readyThreshold: judged.readyThreshold,
    deadlineMs: canary.spec.progressDeadlineMs,
    now,
  });
