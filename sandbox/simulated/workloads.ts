/** What the simulated cluster consists of, and how it changes. Times are epoch milliseconds. */
import type { Readiness, TargetFact } from '../../canary/action.ts';
import type { Weights } from '../../canary/canary.ts';
import { hashVersion } from '../../canary/revision.ts';

/** A release of the target's image, and how it behaves. */
export interface Release {
  readonly name: string;
  /** Percent of its requests that succeed. */
  readonly successRate: number;
  /** Milliseconds at the 99th percentile. */
  readonly latency: number;
  /** Whether its pods ever become ready. */
  readonly starts: boolean;
}

export interface Workload {
  readonly release: Release;
  readonly replicas: number;
  /** When its pods will be ready. */
  readonly readyAt: number;
  readonly flaggerId?: string;
}

export interface ClusterState {
  readonly target: Workload;
  readonly primary: Workload | undefined;
  readonly routes: Weights | undefined;
  readonly apexServesPrimary: boolean;
}

export const hashOf = (release: Release): string => `${hashVersion}${release.name}`;

export const isWorkloadReady = (workload: Workload | undefined, now: number): boolean =>
  workload !== undefined && workload.release.starts && workload.replicas > 0 && now >= workload.readyAt;

const waitingForPods = 'waiting for rollout to finish: 0 of 1 (readyThreshold 100%) updated replicas are available';

export const readinessOf = (workload: Workload, now: number): Readiness =>
  workload.replicas === 0 || isWorkloadReady(workload, now)
    ? { kind: 'ready' }
    : { kind: 'waiting', why: waitingForPods };

export function observe({ target, primary }: ClusterState, now: number): TargetFact {
  const revision = { template: hashOf(target.release) };
  const seen = { replicas: target.replicas, readiness: readinessOf(target, now) };
  if (primary === undefined) return { revision, target: seen };
  const equalsTarget = hashOf(primary.release) === revision.template;
  return {
    revision,
    target: seen,
    primary: { replicas: primary.replicas, readiness: readinessOf(primary, now), equalsTarget },
  };
}

/** The primary after a copy: pods roll unless it is the same copy again. */
export function copied({ target, primary }: ClusterState, flaggerId: string, readyAt: number): Workload {
  const same = primary?.flaggerId === flaggerId && primary.release.name === target.release.name;
  return same ? primary : { release: target.release, replicas: 1, readyAt, flaggerId };
}

export function scaled(target: Workload, to: 'running' | 'zero', readyAt: number): Workload {
  if (to === 'zero') return { ...target, replicas: 0 };
  return target.replicas === 0 ? { ...target, replicas: 1, readyAt } : target;
}
