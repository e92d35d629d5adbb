/** How many pods a target has: parked, woken, and given back at the end of its Canary. */
import type { RestoredTarget } from '../../canary/action.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { isAutoscaled, primaryAt, readTarget, readinessOf, targetAt } from './pod-adapter.ts';
import type { PodAdapter } from './pod-adapter.ts';

/**
 * Parks the target, or gives it pods where it has none; how many, {@link wakingReplicas} says.
 *
 * @throws AdapterError `notFound` when the target, or on waking its autoscaler, does not exist; KubernetesError
 */
export async function scale(adapter: PodAdapter, step: StepContext, to: 'running' | 'zero'): Promise<void> {
  const { kind, objects } = adapter;
  const target = await readTarget(adapter, step);
  const isRunning = kind.wanted(target) > 0;
  if (isRunning === (to === 'running')) return;
  const replicas = to === 'zero' ? 0 : await wakingReplicas(adapter, step, target);
  await objects.patch(step, { at: targetAt(adapter, step), patch: kind.scalePatch(replicas) });
}

/** Replicas for a workload that has none: the target's if it runs, else what its scaler or its primary says, at least 1. */
export async function wakingReplicas(
  adapter: PodAdapter,
  step: StepContext,
  target: KubernetesObject,
): Promise<number> {
  const { kind, objects } = adapter;
  const running = kind.wanted(target);
  if (running > 0 || !kind.isReplicated) return Math.max(1, running);
  if (isAutoscaled(step)) return Math.max(1, await adapter.leastReplicas(step));
  const primary = await objects.get(step, primaryAt(adapter, step));
  return primary === undefined ? 1 : Math.max(1, kind.wanted(primary));
}

/** A target that is on its way out has no pods to offer, however long one waits. */
export async function restore(
  adapter: PodAdapter,
  step: StepContext,
  { raise }: { raise: boolean },
): Promise<RestoredTarget> {
  const { kind, objects } = adapter;
  const target = await objects.get(step, targetAt(adapter, step));
  if (target === undefined || target.metadata.deletionTimestamp !== undefined) return { kind: 'gone' };
  const primary = raise ? await objects.get(step, primaryAt(adapter, step)) : undefined;
  const least = await wakingReplicas(adapter, step, target).catch(oneWithoutScaler);
  const replicas = Math.max(least, primary === undefined ? 0 : kind.wanted(primary));
  const now = kind.wanted(target);
  const isEnough = kind.isReplicated ? now === replicas : now > 0;
  const patch = kind.scalePatch(replicas);
  const up = isEnough ? target : await objects.patch(step, { at: targetAt(adapter, step), patch });
  return readinessOf(adapter, step, { workload: up, readyThreshold: step.canary.spec.analysis.canaryReadyThreshold });
}

/** A scaler that is gone asks for nothing more. */
function oneWithoutScaler(error: unknown): number {
  if (error instanceof AdapterError && error.reason === 'notFound') return 1;
  throw error;
}
