/**
 * A cluster in memory, with a clock that is moved by hand: pods that take time to be ready, releases that are good
 * or bad, routes that can be read back. Property tests drive the real rules against it, and the simulated demo
 * plays the story on it. It is no substitute for the real parts, which have tests of their own.
 */
import type { Action, Failure, MetricAnswer, Outcome, Readiness, TargetFact } from '../../canary/action.ts';
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

interface Workload {
  release: Release;
  replicas: number;
  /** When its pods will be ready, in epoch milliseconds. */
  readyAt: number;
  flaggerId?: string;
}

export interface ClusterState {
  readonly target: Readonly<Workload>;
  readonly primary: Readonly<Workload> | undefined;
  readonly routes: Weights | undefined;
  readonly apexServesPrimary: boolean;
}

export interface SimulatedCluster {
  /** Performs one action as the worker's adapters would. */
  perform(action: Action, now: number): Outcome;
  /** Changes the image of the target, as a user does. */
  release(release: Release, now: number): void;
  /** Makes the pods of a workload unready until then. */
  disturb(workload: 'target' | 'primary', until: number): void;
  state(): ClusterState;
  isReady(workload: 'target' | 'primary', now: number): boolean;
}

const ok = (value: unknown): Outcome => ({ ok: true, value });
const failed = (reason: Failure['reason'], message: string): Outcome => ({ ok: false, failure: { reason, message } });

const hashOf = (release: Release): string => `${hashVersion}${release.name}`;

const waitingForPods = 'waiting for rollout to finish: 0 of 1 (readyThreshold 100%) updated replicas are available';

/**
 * @param first the release that is running when the Canary is created
 * @param podStart milliseconds from a change until pods are ready
 */
export function createSimulatedCluster(first: Release, podStart: number): SimulatedCluster {
  const target: Workload = { release: first, replicas: 1, readyAt: 0 };
  let primary: Workload | undefined;
  let routes: Weights | undefined;
  let apexServesPrimary = false;

  const isWorkloadReady = (workload: Workload, now: number): boolean =>
    workload.release.starts && workload.replicas > 0 && now >= workload.readyAt;
  const readiness = (workload: Workload, now: number): Readiness =>
    workload.replicas === 0 || isWorkloadReady(workload, now)
      ? { kind: 'ready' }
      : { kind: 'waiting', why: waitingForPods };

  function observe(now: number): TargetFact {
    const revision = { template: hashOf(target.release) };
    const seen = { replicas: target.replicas, readiness: readiness(target, now) };
    if (primary === undefined) return { revision, target: seen };
    const equalsTarget = hashOf(primary.release) === revision.template;
    const own = { replicas: primary.replicas, readiness: readiness(primary, now), equalsTarget };
    return { revision, target: seen, primary: own };
  }

  function copyToPrimary(id: string, now: number): void {
    if (primary?.flaggerId === id && primary.release.name === target.release.name) return;
    primary = { release: target.release, replicas: 1, readyAt: now + podStart, flaggerId: id };
  }

  function scale(to: 'running' | 'zero', now: number): void {
    if (to === 'zero') target.replicas = 0;
    else if (target.replicas === 0) Object.assign(target, { replicas: 1, readyAt: now + podStart });
  }

  function metric(name: string): MetricAnswer {
    const { successRate, latency } = target.release;
    return { kind: 'value', value: name === 'request-duration' ? latency : successRate };
  }

  function perform(action: Action, now: number): Outcome {
    switch (action.kind) {
      case 'observeTarget':
        return ok(observe(now));
      case 'observeMetricProviders':
        return ok({ kind: 'available' });
      case 'observeEndpoints':
        return ok({ primary: primary !== undefined && isWorkloadReady(primary, now) ? 1 : 0, apexServesPrimary });
      case 'callHook':
        return ok({ passed: action.hook.type !== 'rollback', detail: '' });
      case 'queryMetric':
        return ok(metric(action.metric.name));
      case 'ensureApex':
        apexServesPrimary = true;
        return ok(null);
      case 'ensurePrimary':
        if (primary === undefined || action.follow) copyToPrimary(action.flaggerId, now);
        return ok(null);
      case 'ensureRoutes':
        routes = action.weights;
        return ok(null);
      case 'scaleTarget':
        scale(action.to, now);
        return ok(null);
      case 'promote':
        if (hashOf(target.release) !== action.revision.template) {
          return ok({ kind: 'revisionMoved', now: { template: hashOf(target.release) } });
        }
        copyToPrimary(action.flaggerId, now);
        return ok({ kind: 'copied' });
      case 'together':
        return ok(action.actions.map((part) => perform(part, now)));
      case 'ensureServices':
      case 'ensureScaler':
        return ok(null);
      case 'record':
        return failed('other', 'a status is saved by the runner, not by the cluster');
    }
  }

  return {
    perform,
    release(release, now) {
      Object.assign(target, { release, readyAt: target.replicas > 0 ? now + podStart : target.readyAt });
    },
    disturb(workload, until) {
      const disturbed = workload === 'target' ? target : primary;
      if (disturbed !== undefined) disturbed.readyAt = Math.max(disturbed.readyAt, until);
    },
    state: () => ({ target: { ...target }, primary: primary && { ...primary }, routes, apexServesPrimary }),
    isReady(workload, now) {
      const asked = workload === 'target' ? target : primary;
      return asked !== undefined && isWorkloadReady(asked, now);
    },
  };
}
