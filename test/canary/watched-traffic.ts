/** What must hold around every move of traffic: enough pods before it comes, and connections before pods. */
import type { Action } from '../../canary/action.ts';
import type { CanaryStatus, Weights } from '../../canary/canary.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
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
 * - With autoscalers, where the pods that serve are enough for their shares, a promotion gives the primary no share that
 *   its ready pods are not enough for. A roll-back or restart, which may be urgent, has asked for the pods at least.
 */
export function watchTraffic(cluster: SimulatedCluster, rules: TrafficRules): TrafficWatch {
  let leftAt: number | undefined;
  let sizedAt: number | undefined;
  let seen: Capacity = { primary: 0, target: 0 };
  return (action, now) => {
    const { routes, apexServesPrimary, target } = cluster.state();
    if (action.kind === 'observeTarget') seen = capacityOf(cluster, now);
    if (action.kind === 'sizePrimary') sizedAt = now;
    if (action.kind === 'ensureApex' && !apexServesPrimary) leftAt = now;
    if (action.kind === 'ensureRoutes') {
      const move = { from: routes ?? atFirst, to: action.weights };
      if (move.from.canary > 0 && move.to.canary === 0) leftAt = now;
      if (rules.isAutoscaled) checkCapacity({ ...move, seen, isSized: sizedAt === now }, rules.status());
    }
    const isTaken = action.kind === 'scaleTarget' && action.to === 'zero' && target.replicas > 0;
    if (isTaken && leftAt !== undefined && now - leftAt < rules.drainMs) {
      throw new Error(
        `pods were taken away ${now - leftAt} ms after their traffic, which is less than ${rules.drainMs}`,
      );
    }
  };
}

const atFirst = { primary: 100, canary: 0 };

/** Pods that answer. */
interface Capacity {
  readonly primary: number;
  readonly target: number;
}

const capacityOf = (cluster: SimulatedCluster, now: number): Capacity => ({
  primary: cluster.available('primary', now),
  target: cluster.available('target', now),
});

interface Move {
  readonly from: Pick<Weights, 'primary' | 'canary'>;
  readonly to: Weights;
  readonly seen: Capacity;
  readonly isSized: boolean;
}

function checkCapacity({ from, to, seen, isSized }: Move, { phase, run }: CanaryStatus): void {
  const wasEnough = seen.primary >= podsFor(from.primary) && seen.target >= podsFor(from.canary);
  const isEnough = seen.primary >= podsFor(to.primary);
  if (to.primary <= from.primary || !wasEnough || isEnough) return;
  const isPromotion = phase === 'Promoting' && run?.decision === undefined;
  if (isPromotion || !isSized) {
    throw new Error(`${to.primary} % of the traffic went to ${seen.primary} pods of the primary, in ${phase}`);
  }
}
