/** A simulated cluster that refuses what the design rules out at the moment when a rule asks for it. */
import type { Action } from '../../canary/action.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { TrafficWatch } from './watched-traffic.ts';

export interface Watching {
  /** Whether the user has the Canary go without giving anything back. */
  readonly mayLose: () => boolean;
  readonly watchTraffic: (cluster: SimulatedCluster) => TrafficWatch;
}

/** Invariants 1 and 8 at each action: sums, readiness behind every route, and repetition without a second effect. */
export function watched(cluster: SimulatedCluster, { mayLose, watchTraffic }: Watching): SimulatedCluster {
  const watchMoves = watchTraffic(cluster);
  // What the rules know: pods may still come and go between a look and the write that follows it.
  let seen = { primary: false, target: false };
  return {
    ...cluster,
    perform(action, now) {
      if (action.kind === 'observeTarget' || action.kind === 'restoreTarget') {
        seen = { primary: cluster.answers('primary', now), target: cluster.answers('target', now) };
      }
      checkBefore(cluster, action, { ...seen, now });
      watchMoves(action, now);
      const outcome = cluster.perform(action, now);
      if (!effects.has(action.kind)) return outcome;
      const once = JSON.stringify(cluster.state());
      cluster.perform(action, now);
      if (JSON.stringify(cluster.state()) !== once) throw new Error(`${action.kind} is not repeatable`);
      return outcome;
    },
    collect() {
      if (!mayLose()) {
        checkTarget('the end of the Canary', seen.target);
        const { routes, apexServesPrimary } = cluster.state();
        if (routes !== undefined || apexServesPrimary) throw new Error('the primary went while traffic led to it');
      }
      cluster.collect();
    },
  };
}

interface Known {
  readonly primary: boolean;
  readonly target: boolean;
  readonly now: number;
}

function checkBefore(cluster: SimulatedCluster, action: Action, known: Known): void {
  if (action.kind === 'ensureRoutes') checkRoutes(cluster, action.weights, known);
  if (action.kind === 'scaleTarget' && action.to === 'zero') checkScaleDown(cluster);
  if (action.kind === 'restoreApex' || action.kind === 'restoreRoutes') checkTarget(action.kind, known.target);
  if (action.kind === 'restoreRoutes') checkApex(cluster, known.now);
}

const effects = new Set<Action['kind']>([
  'ensureRoutes',
  'scaleTarget',
  'promote',
  'ensurePrimary',
  'ensureApex',
  'sizePrimary',
  'ensureScaler',
  'restoreTarget',
  'restoreApex',
  'restoreRoutes',
]);

/** From here on the traffic is the target's. */
function checkTarget(what: string, isReady: boolean): void {
  if (!isReady) throw new Error(`${what}: the target was given the traffic before it was ready`);
}

/** Without routes the traffic follows the apex. */
function checkApex(cluster: SimulatedCluster, now: number): void {
  const isLost = cluster.state().apexServesPrimary && !cluster.isReady('primary', now);
  if (isLost) throw new Error('the routes went while the apex led to a primary that is not ready');
}

function checkRoutes(cluster: SimulatedCluster, weights: { primary: number; canary: number }, seen: Known): void {
  if (weights.primary + weights.canary !== 100) throw new Error(`weights ${JSON.stringify(weights)} do not sum to 100`);
  const before = cluster.state().routes ?? { primary: 100, canary: 0 };
  const sent = { primary: weights.primary > before.primary, canary: weights.canary > before.canary };
  if (sent.primary && !seen.primary) throw new Error('traffic sent to a primary that is not ready');
  if (sent.canary && !seen.target && seen.primary) {
    throw new Error('traffic sent to a canary that is not ready');
  }
}

function checkScaleDown(cluster: SimulatedCluster): void {
  const { routes, apexServesPrimary } = cluster.state();
  if (!apexServesPrimary) throw new Error('the target was scaled to zero before the apex served the primary');
  if (routes !== undefined && routes.canary > 0)
    throw new Error(`the canary was scaled to zero at weight ${routes.canary}`);
}
