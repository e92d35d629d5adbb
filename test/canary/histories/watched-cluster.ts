/** A simulated cluster that refuses what the design rules out at the moment when a rule asks for it. */
import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../../canary/action.ts';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { withoutPrimary } from '../../../canary/notes.ts';
import type { SimulatedCluster } from '../../../sandbox/simulated/cluster.ts';
import type { TrafficWatch } from './watched-traffic.ts';
import { violated } from './violated.ts';

export interface Watching {
  readonly status: () => CanaryStatus;
  /** Whether the user has the Canary go without giving anything back. */
  readonly mayLose: () => boolean;
  readonly watchTraffic: (cluster: SimulatedCluster) => TrafficWatch;
  readonly watchCopies: (cluster: SimulatedCluster) => (action: Action) => void;
}

/** Invariants 1 and 8 at each action: sums, readiness behind every route, and repetition without a second effect. */
export function watched(
  cluster: SimulatedCluster,
  { status, mayLose, watchTraffic, watchCopies }: Watching,
): SimulatedCluster {
  const watchMoves = watchTraffic(cluster);
  const watchCopy = watchCopies(cluster);
  // What the rules know: pods may still come and go between a look and the write that follows it.
  let seen = { primary: false, target: false };
  let written = cluster.state().routes;
  return {
    ...cluster,
    perform(action, now) {
      if (action.kind === 'observeTarget' || action.kind === 'restoreTarget') {
        seen = { primary: cluster.answers('primary', now), target: cluster.answers('target', now) };
      }
      const isRepair = touchesRoutes.has(action.kind) && !isDeepStrictEqual(cluster.state().routes, written);
      const mends = status().run?.said.includes(withoutPrimary) === true;
      if (action.kind === 'ensureRoutes') written = action.weights;
      if (action.kind === 'restoreRoutes') written = undefined;
      checkBefore(cluster, action, { ...seen, isRepair: isRepair || mends, now });
      watchMoves(action, now, isRepair);
      watchCopy(action);
      const outcome = cluster.perform(action, now);
      if (!effects.has(action.kind)) return outcome;
      const once = cluster.state();
      cluster.perform(action, now);
      if (!isDeepStrictEqual(cluster.state(), once)) violated(8, `${action.kind} is not repeatable`);
      return outcome;
    },
    collect() {
      if (!mayLose()) {
        checkTarget('the end of the Canary', seen.target);
        const { routes, apexServesPrimary } = cluster.state();
        if (routes !== undefined || apexServesPrimary) violated(1, 'the primary went while traffic led to it');
      }
      cluster.collect();
    },
  };
}

interface Known {
  readonly primary: boolean;
  readonly target: boolean;
  readonly now: number;
  /** The routes are not as they were last written, or the run is to make the primary ready under the traffic it has. */
  readonly isRepair: boolean;
}

function checkBefore(cluster: SimulatedCluster, action: Action, known: Known): void {
  if (action.kind === 'ensureRoutes') checkRoutes(cluster, action.weights, known);
  if (action.kind === 'scaleTarget' && action.to === 'zero') checkScaleDown(cluster, known);
  if (action.kind === 'restoreApex' || action.kind === 'restoreRoutes') checkTarget(action.kind, known.target);
  if (action.kind === 'restoreRoutes') checkApex(cluster, known.now);
}

/** What the share that they find matters to. */
const touchesRoutes = new Set<Action['kind']>(['ensureRoutes', 'scaleTarget']);

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
  if (!isReady) violated(1, `${what}: the target was given the traffic before it was ready`);
}

/** Without routes the traffic follows the apex. */
function checkApex(cluster: SimulatedCluster, now: number): void {
  const isLost = cluster.state().apexServesPrimary && !cluster.isReady('primary', now);
  if (isLost) violated(1, 'the routes went while the apex led to a primary that is not ready');
}

function checkRoutes(cluster: SimulatedCluster, weights: { primary: number; canary: number }, seen: Known): void {
  if (weights.primary + weights.canary !== 100) violated(1, `weights ${JSON.stringify(weights)} do not sum to 100`);
  const before = cluster.state().routes ?? { primary: 100, canary: 0 };
  const sent = { primary: weights.primary > before.primary, canary: weights.canary > before.canary };
  if (sent.primary && !seen.isRepair && !seen.primary) violated(1, 'traffic sent to a primary that is not ready');
  // Repairing keeps the weights of the status (invariant 3), whoever is ready.
  if (sent.canary && !seen.isRepair && !seen.target && seen.primary) {
    violated(1, 'traffic sent to a canary that is not ready');
  }
}

function checkScaleDown(cluster: SimulatedCluster, { isRepair }: Known): void {
  const { routes, apexServesPrimary } = cluster.state();
  if (!apexServesPrimary) violated(1, 'the target was scaled to zero before the apex served the primary');
  if (!isRepair && routes !== undefined && routes.canary > 0)
    violated(1, `the canary was scaled to zero at weight ${routes.canary}`);
}
