/** What must hold around every move of traffic: enough pods before it comes, and connections before pods. */
import type { Action } from '../../canary/action.ts';
import type { CanaryStatus, Weights } from '../../canary/canary.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { ClusterState } from '../../sandbox/simulated/workloads.ts';
import { podsFor } from '../../sandbox/simulated/workloads.ts';

/** Told of every action right before it is performed. */
export type TrafficWatch = (action: Action, now: number) => void;

export interface TrafficRules {
  /** Milliseconds that pods have to outlive their traffic. */
  readonly drainMs: number;
  readonly isAutoscaled: boolean;
  /** The status as the step has read or recorded it. */
  readonly status: () => CanaryStatus;
}

/**
 * - A canary's pods are not taken away before its traffic has been away for the drain delay. The traffic of the target
 *   at bootstrap ends when the apex leaves it.
 * - No share leads to a canary that was seen without pods that answer, unless the primary has none either.
 * - With autoscalers, where the pods that serve are enough for their shares, a promotion gives the primary no share that
 *   its ready pods are not enough for. A roll-back or restart, which may be urgent, has asked for the pods at least.
 */
export function watchTraffic(cluster: SimulatedCluster, rules: TrafficRules): TrafficWatch {
  const checkDrain = watchDrain(cluster, rules.drainMs);
  const checkSize = watchSize(cluster, rules);
  return (action, now) => {
    checkDrain(action, now);
    checkSize(action, now);
  };
}

function watchDrain(cluster: SimulatedCluster, drainMs: number): TrafficWatch {
  let leftAt: number | undefined;
  return (action, now) => {
    if (takesTraffic(action, cluster.state())) leftAt = now;
    if (action.kind !== 'scaleTarget' || action.to === 'running' || cluster.state().target.replicas === 0) return;
    const away = leftAt === undefined ? Infinity : now - leftAt;
    if (away < drainMs) throw new Error(`pods were taken away ${away} ms after their traffic, before ${drainMs}`);
  };
}

/** Whether it ends what the target was getting, through the apex at first and by its share later. */
function takesTraffic(action: Action, { routes = atFirst, apexServesPrimary }: ClusterState): boolean {
  if (action.kind === 'ensureApex') return !apexServesPrimary;
  return action.kind === 'ensureRoutes' && routes.canary > 0 && action.weights.canary === 0;
}

function watchSize(cluster: SimulatedCluster, { isAutoscaled, status }: TrafficRules): TrafficWatch {
  let sizedAt: number | undefined;
  let seen: Capacity = { primary: 0, target: 0 };
  return (action, now) => {
    if (action.kind === 'observeTarget') seen = capacityOf(cluster, now);
    if (action.kind === 'sizePrimary') sizedAt = now;
    if (action.kind !== 'ensureRoutes') return;
    const { routes = atFirst } = cluster.state();
    checkDeserted(action.weights, seen);
    if (isAutoscaled) checkCapacity({ from: routes, to: action.weights, seen, isSized: sizedAt === now }, status());
  };
}

const atFirst: Weights = { primary: 100, canary: 0, mirrored: false };

/** Pods that answer. */
interface Capacity {
  readonly primary: number;
  readonly target: number;
}

const capacityOf = (cluster: SimulatedCluster, now: number): Capacity => ({
  primary: cluster.available('primary', now),
  target: cluster.available('target', now),
});

/** No share leads to a canary that was seen without a pod that answers, while the primary has some. */
function checkDeserted({ canary }: Weights, seen: Capacity): void {
  const isDeserted = seen.target === 0 && seen.primary > 0;
  if (canary > 0 && isDeserted) throw new Error(`${canary} % of the traffic leads to a canary without pods`);
}

interface Move {
  readonly from: Pick<Weights, 'primary' | 'canary'>;
  readonly to: Weights;
  readonly seen: Capacity;
  readonly isSized: boolean;
}

function checkCapacity({ from, to, seen, isSized }: Move, { phase, run }: CanaryStatus): void {
  const wasEnough = seen.primary >= podsFor(from.primary) && seen.target >= podsFor(from.canary);
  const isOverloaded = seen.primary < podsFor(to.primary);
  if (to.primary <= from.primary || !wasEnough || !isOverloaded) return;
  const isPromotion = phase === 'Promoting' && run?.decision === undefined;
  if (isPromotion || !isSized) {
    throw new Error(`${to.primary} % of the traffic went to ${seen.primary} pods of the primary, in ${phase}`);
  }
}
