/** Whether a Deployment's rollout is done. Rules: spec of targets, section 6. */
import type { Readiness } from '../../canary/action.ts';
import { parseInstant } from '../../platform/clock.ts';
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { ReadinessBounds } from './workload-kind.ts';

/** `spec.replicas`; the API server's default is 1. */
export const replicasOf = (workload: KubernetesObject): number => numberAt(workload, 'spec', 'replicas') ?? 1;

/** Pods that are available, of the old template or the new one. */
export const availableOf = (workload: KubernetesObject): number =>
  numberAt(workload, 'status', 'availableReplicas') ?? 0;

/** `stuck` once Kubernetes says that its progress deadline is over, or too few pods have been available for longer than the Canary's. */
export function deploymentReadiness(deployment: KubernetesObject, bounds: ReadinessBounds): Readiness {
  const observed = numberAt(deployment, 'status', 'observedGeneration') ?? 0;
  if ((deployment.metadata.generation ?? 0) > observed) {
    return waiting('observed deployment generation less than desired generation');
  }
  if (stringAt(conditionOf(deployment, 'Progressing'), 'reason') === 'ProgressDeadlineExceeded') {
    return {
      kind: 'stuck',
      why: `deployment ${JSON.stringify(deployment.metadata.name)} exceeded its progress deadline`,
    };
  }
  const missing = missingReplicas(deployment, bounds.readyThreshold);
  if (missing === undefined) return { kind: 'ready' };
  return isOverdue(deployment, bounds) ? { ...waiting(missing), kind: 'stuck' } : waiting(missing);
}

const waiting = (what: string) => ({ kind: 'waiting', why: `waiting for rollout to finish: ${what}` }) as const;

function missingReplicas(deployment: KubernetesObject, readyThreshold: number): string | undefined {
  const count = (field: string): number => numberAt(deployment, 'status', field) ?? 0;
  const wanted = replicasOf(deployment);
  const updated = count('updatedReplicas');
  if (updated < wanted) return `${updated} out of ${wanted} new replicas have been updated`;
  const old = count('replicas') - updated;
  if (old > 0) return `${old} old replicas are pending termination`;
  const needed = Math.floor((updated * readyThreshold) / 100);
  const available = count('availableReplicas');
  if (available >= needed) return undefined;
  return `${available} of ${needed} (readyThreshold ${readyThreshold}%) updated replicas are available`;
}

/** Too few replicas have been available for longer than the deadline. */
function isOverdue(deployment: KubernetesObject, { deadlineMs, now }: ReadinessBounds): boolean {
  if (conditionOf(deployment, 'Progressing') === undefined) return false;
  const available = conditionOf(deployment, 'Available');
  const lacks =
    stringAt(available, 'status') === 'False' && stringAt(available, 'reason') === 'MinimumReplicasUnavailable';
  const since = parseInstant(stringAt(available, 'lastUpdateTime') ?? '');
  return lacks && since !== undefined && since + deadlineMs < now;
}

const conditionOf = (deployment: KubernetesObject, type: string): unknown =>
  arrayAt(deployment, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === type);
