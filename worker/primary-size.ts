/**
 * Gives the primary as many pods as it needs to take traffic over. Rules: `canary/sizing.ts`, decision record 0014.
 *
 * Where there is an autoscaler, it is told first: one that knows no better takes pods away within seconds that have no
 * load yet. The number is then set as well, so that the pods start now and not when the autoscaler looks again. It is
 * written as a patch and not applied: the field stays nobody's, and the autoscaler goes on from there.
 */
import type { SizeAnswer } from '../canary/action.ts';
import { primaryName } from '../canary/canary.ts';
import { deployments } from '../platform/kubernetes/resources.ts';
import type { StepContext } from './context.ts';
import { refuseOthers } from './objects/owner.ts';
import { createStepObjects } from './objects/step-objects.ts';
import type { ObjectsClient } from './objects/step-objects.ts';
import type { ObjectAt } from './objects/step-reads.ts';
import type { ScalerAdapter } from './scalers/scaler.ts';
import { replicasOf } from './targets/deployment-readiness.ts';
import { targetKind } from './targets/registry.ts';

export interface PrimarySizerOptions {
  readonly client: ObjectsClient;
  readonly scalerOf: (step: StepContext) => ScalerAdapter | undefined;
}

/**
 * Raises the primary to so many pods, within the most of its autoscaler, and never lowers it. Nothing to do for kinds
 * whose pods nobody counts: a DaemonSet has one on every node, a Service and a Knative Service have none of their own.
 *
 * @throws KubernetesError, and AdapterError for a primary that is somebody else's
 */
export function createPrimarySizer(options: PrimarySizerOptions) {
  const objects = createStepObjects(options.client);
  return async (step: StepContext, replicas: number): Promise<SizeAnswer> => {
    const { canary } = step;
    const scaler = options.scalerOf(step);
    const wanted = scaler === undefined ? replicas : Math.min(replicas, await scaler.mostReplicas(step));
    await scaler?.ensurePrimary(step, wanted);
    if (targetKind(canary.spec.target) !== 'Deployment') return { raised: false };
    const at: ObjectAt = { resource: deployments, name: { namespace: canary.namespace, name: primaryName(canary) } };
    // The step may have promoted since it looked.
    const primary = await objects.getFresh(step, at);
    if (primary === undefined || replicasOf(primary) >= wanted) return { raised: false };
    refuseOthers(primary, canary);
    await objects.patch(step, { at, patch: { spec: { replicas: wanted } } });
    return { raised: true };
  };
}
