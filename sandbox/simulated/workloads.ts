/** What the simulated cluster consists of, and how it changes. Times are epoch milliseconds. */
import type { Readiness, TargetFact, WorkloadFact } from '../../canary/action.ts';
import type { Revision, Weights } from '../../canary/canary.ts';
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
  /** What its ConfigMap says; left out where configs are not tracked. */
  readonly config?: string;
}

export interface Workload {
  readonly release: Release;
  readonly replicas: number;
  /** When its pods will all be ready. */
  readonly readyAt: number;
  /** Pods that answer until then: those of before, which may run another release. */
  readonly kept: number;
  readonly keptRelease?: string;
  readonly flaggerId?: string;
}

export interface ClusterState {
  readonly target: Workload;
  readonly primary: Workload | undefined;
  readonly routes: Weights | undefined;
  readonly apexServesPrimary: boolean;
  /** What the primary's autoscaler may not go below. */
  readonly leastPrimary: number;
}

/** When something happens, and when pods that start then will be ready. */
export interface Moment {
  readonly now: number;
  readonly readyAt: number;
}

export const hashOf = (release: Release): string => `${hashVersion}${release.name}`;

export const revisionOf = (release: Release): Revision => ({
  template: hashOf(release),
  ...(release.config === undefined ? {} : { configs: { 'configmap/podinfo': release.config } }),
});

const isSame = (one: Release, other: Release): boolean => one.name === other.name && one.config === other.config;

export const isWorkloadReady = (workload: Workload | undefined, now: number): boolean =>
  workload !== undefined && workload.release.starts && workload.replicas > 0 && now >= workload.readyAt;

/** Pods that answer. */
export const availableOf = (workload: Workload | undefined, now: number): number => {
  if (workload === undefined) return 0;
  return isWorkloadReady(workload, now) ? workload.replicas : Math.min(workload.kept, workload.replicas);
};

/** Whether it has pods of its release that answer: more of them that are still starting take nothing away. */
export const answers = (workload: Workload | undefined, now: number): boolean =>
  isWorkloadReady(workload, now) ||
  (availableOf(workload, now) > 0 && workload?.keptRelease === workload?.release.name);

export const readinessOf = (workload: Workload, now: number): Readiness => {
  const { replicas } = workload;
  if (replicas === 0 || isWorkloadReady(workload, now)) return { kind: 'ready' };
  const available = availableOf(workload, now);
  const what = `${available} of ${replicas} (readyThreshold 100%) updated replicas are available`;
  return { kind: 'waiting', why: `waiting for rollout to finish: ${what}` };
};

const factOf = (workload: Workload, now: number): WorkloadFact => ({
  replicas: workload.replicas,
  readiness: readinessOf(workload, now),
  available: availableOf(workload, now),
});

export function observe({ target, primary }: ClusterState, now: number): TargetFact {
  const revision = revisionOf(target.release);
  const seen = factOf(target, now);
  if (primary === undefined) return { revision, target: seen };
  const { flaggerId } = primary;
  const copy = {
    equalsTarget: isSame(primary.release, target.release),
    ...(flaggerId === undefined ? {} : { flaggerId }),
  };
  return { revision, target: seen, primary: { ...factOf(primary, now), ...copy } };
}

/** The primary after a copy: pods roll unless it is the same copy again. */
export function copied({ target, primary }: ClusterState, flaggerId: string, { now, readyAt }: Moment): Workload {
  const same = primary?.flaggerId === flaggerId && isSame(primary.release, target.release);
  if (same) return primary;
  const kept = primary === undefined ? { kept: 0 } : keptOf(primary, now);
  return { release: target.release, replicas: primary?.replicas ?? 1, readyAt, ...kept, flaggerId };
}

/** The pods that go on answering while others start. */
export function keptOf(workload: Workload, now: number): Pick<Workload, 'kept' | 'keptRelease'> {
  const { release, keptRelease } = workload;
  if (isWorkloadReady(workload, now)) return { kept: workload.replicas, keptRelease: release.name };
  return { kept: availableOf(workload, now), ...(keptRelease === undefined ? {} : { keptRelease }) };
}

/** A workload with another number of pods; those that it has go on. */
export function resized(workload: Workload, replicas: number, { now, readyAt }: Moment): Workload {
  if (replicas === workload.replicas) return workload;
  return {
    ...workload,
    ...keptOf(workload, now),
    replicas,
    readyAt: replicas > workload.replicas ? readyAt : workload.readyAt,
  };
}

export function scaled(target: Workload, to: 'running' | 'zero', moment: Moment): Workload {
  if (to === 'zero') return { ...target, replicas: 0, kept: 0 };
  return target.replicas === 0 ? resized(target, 1, moment) : target;
}

/** Pods that all of the traffic needs, and the most that an autoscaler may give. */
export const loadPods = 4;
export const mostPods = 6;

/** Pods that a share of the traffic needs, in percent. */
export const podsFor = (share: number): number => Math.ceil((share * loadPods) / 100);

/** What the autoscalers of target and primary make of the shares that they see. */
export function autoscaled(state: ClusterState, moment: Moment): ClusterState {
  const { target, primary, leastPrimary, routes = { primary: 100, canary: 0 } } = state;
  const wanted = Math.min(mostPods, Math.max(leastPrimary, podsFor(routes.primary)));
  return {
    ...state,
    primary: primary && resized(primary, wanted, moment),
    target: target.replicas === 0 ? target : resized(target, Math.max(1, podsFor(routes.canary)), moment),
  };
}
