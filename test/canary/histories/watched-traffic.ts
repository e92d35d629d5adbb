/** What must hold around every move of traffic: enough pods before it comes, and connections before pods. */
import type { Action } from '../../../canary/action.ts';
import type { Canary, CanaryStatus, Weights } from '../../../canary/canary.ts';
import { strategyOf } from '../../../canary/spec.ts';
import type { Strategy } from '../../../canary/spec.ts';
import { currentWeights } from '../../../canary/weights.ts';
import type { SimulatedCluster } from '../../../sandbox/simulated/cluster.ts';
import type { ClusterState } from '../../../sandbox/simulated/workloads.ts';
import { podsFor } from '../../../sandbox/simulated/workloads.ts';
import { violated } from './violated.ts';

/** Told of every action right before it is performed, and whether it puts right what somebody else did to the routes. */
export type TrafficWatch = (action: Action, now: number, isRepair: boolean) => void;

type Watch = (action: Action, now: number) => void;

export interface TrafficRules {
  /** Milliseconds that pods have to outlive their traffic. */
  readonly drainMs: number;
  readonly isAutoscaled: boolean;
  /** With the status as the step has read or recorded it. */
  readonly canary: () => Canary;
  /** Whether the API server takes a new size of the primary. */
  readonly isSizable: () => boolean;
}

/**
 * - A canary's pods are not taken away before its traffic has been away for the drain delay. The traffic of the target
 *   at bootstrap ends when the apex leaves it.
 * - No share leads to a canary that was seen without pods that answer, unless the primary has none either.
 * - With autoscalers, where the pods that serve are enough for their shares, a promotion gives the primary no share that
 *   its ready pods are not enough for. A roll-back or restart, which may be urgent, has asked for the pods at least.
 */
export function watchTraffic(cluster: SimulatedCluster, rules: TrafficRules): TrafficWatch {
  const checkDrain = watchDrain(cluster, rules);
  const checkSize = watchSize(cluster, rules);
  const checkPods = watchPods(cluster);
  let isSpoilt = false;
  const isEdited = watchStrategy(rules.canary);
  let isCopied = false;
  return (action, now, isRepair) => {
    // Autoscalers followed what somebody made of the routes, or a primary that was taken away was made anew.
    isSpoilt ||= isRepair || (isCopied && cluster.state().primary === undefined);
    isCopied ||= cluster.state().primary !== undefined;
    // What somebody else gave the canary is drained, too, but a crash right after the repair hides it.
    if (!isRepair) checkDrain(action, now);
    if (isEdited()) return;
    checkPods(action, now);
    if (rules.isAutoscaled && !isSpoilt) checkSize(action, now);
  };
}

interface Left {
  readonly at: number;
  readonly run: string | undefined;
  /** The status knew of the share. Of one that only the route knew a crash right after the write leaves no trace. */
  readonly isKnown: boolean;
}

function watchDrain(cluster: SimulatedCluster, { drainMs, canary }: TrafficRules): Watch {
  let left: Left | undefined;
  return (action, now) => {
    const { status } = canary();
    if (left !== undefined && isForgotten(left, status, now)) left = undefined;
    const run = status.run?.id;
    const isKnown = currentWeights(canary(), status).canary > 0 || action.kind === 'ensureApex';
    if (takesTraffic(action, cluster.state())) left = { at: now, run, isKnown };
    // A run that starts over has other pods than those that had the traffic.
    if (left === undefined || left.run !== run || !takesPods(action, cluster.state())) return;
    const away = now - left.at;
    if (away < drainMs) violated(1, `pods were taken away ${away} ms after their traffic, before ${drainMs}`);
  };
}

/** The step that took it has died, so its drain was never saved. */
const isForgotten = ({ isKnown, at }: Left, { run }: CanaryStatus, now: number): boolean =>
  !isKnown && at < now && Date.parse(run?.drainingSince ?? '1970-01-01T00:00:00Z') < at;

const takesPods = (action: Action, { target }: ClusterState): boolean =>
  action.kind === 'scaleTarget' && action.to === 'zero' && target.replicas > 0;

/** Whether it ends what the target was getting, through the apex at first and by its share later. */
function takesTraffic(action: Action, { routes = atFirst, apexServesPrimary }: ClusterState): boolean {
  if (action.kind === 'ensureApex') return !apexServesPrimary;
  return action.kind === 'ensureRoutes' && routes.canary > 0 && action.weights.canary === 0;
}

/** Whether the user has edited the strategy: what another one had given the canary is given back at once. */
function watchStrategy(canary: () => Canary): () => boolean {
  const seen = new Set<Strategy>();
  return () => seen.add(strategyOf(canary().spec.analysis)).size > 1;
}

function watchSize(cluster: SimulatedCluster, { canary, isSizable }: TrafficRules): Watch {
  let sizedAt: number | undefined;
  let seen: Capacity = { primary: 0, target: 0 };
  return (action, now) => {
    if (action.kind === 'observeTarget') seen = capacityOf(cluster, now);
    if (action.kind === 'sizePrimary') sizedAt = now;
    // A share that was given and not saved is taken back to what the status says, whatever became of the pods.
    if (action.kind !== 'ensureRoutes' || isRepair(action.weights, canary())) return;
    const { routes = atFirst } = cluster.state();
    checkCapacity(
      {
        from: routes,
        to: action.weights,
        seen,
        isSized: sizedAt === now || !isSizable(),
        isLate: isLate(canary(), now),
      },
      canary().status,
    );
  };
}

const isRepair = (weights: Weights, canary: Canary): boolean =>
  weights.canary === currentWeights(canary, canary.status).canary;

/** Past the deadline the traffic goes to what there is (decision record 0014). */
function isLate({ spec, status }: Canary, now: number): boolean {
  const since = status.run?.waitingSince;
  return since !== undefined && now - Date.parse(since) >= spec.progressDeadlineMs;
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
function watchPods(cluster: SimulatedCluster): Watch {
  let seen: Capacity = { primary: 0, target: 0 };
  return (action, now) => {
    if (action.kind === 'observeTarget') seen = capacityOf(cluster, now);
    if (action.kind !== 'ensureRoutes' || action.weights.canary === 0) return;
    const isDeserted = seen.target === 0 && seen.primary > 0;
    if (isDeserted) violated(1, `${action.weights.canary} % of the traffic leads to a canary without pods`);
  };
}

interface Move {
  readonly from: Pick<Weights, 'primary' | 'canary'>;
  readonly to: Weights;
  readonly seen: Capacity;
  readonly isSized: boolean;
  readonly isLate: boolean;
}

function checkCapacity(move: Move, status: CanaryStatus): void {
  const { to, seen } = move;
  if (move.isLate || !overloads(move) || isSizedFor(move, status)) return;
  violated(1, `${to.primary} % of the traffic went to ${seen.primary} pods of the primary, in ${status.phase}`);
}

/** Whether pods that were enough for their shares are no longer. */
function overloads({ from, to, seen }: Move): boolean {
  const wasEnough = seen.primary >= podsFor(from.primary) && seen.target >= podsFor(from.canary);
  return to.primary > from.primary && wasEnough && seen.primary < podsFor(to.primary);
}

/** What a promotion has decided on is enough, though its load may have been counted before all of it was there. */
function isSizedFor({ seen, isSized }: Move, { phase, run }: CanaryStatus): boolean {
  const isPromotion = phase === 'Promoting' && run?.decision === undefined;
  return isPromotion ? seen.primary >= (run?.sizing?.replicas ?? Infinity) : isSized;
}
