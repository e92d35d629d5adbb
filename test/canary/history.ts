/** Random histories of one canary: what befalls it, slot by slot, and how that is played on the simulated cluster. */
import fc from 'fast-check';
import type { Action } from '../../canary/action.ts';
import type { Canary } from '../../canary/canary.ts';
import { finalizerName } from '../../canary/finalizer.ts';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Session, StepOptions } from '../../sandbox/simulated/session.ts';
import type { Release } from '../../sandbox/simulated/workloads.ts';
import { broken, failing, good, intervalMs, slow, storyCanary } from './story.ts';
import { watched } from './watched-cluster.ts';
import { watchTraffic } from './watched-traffic.ts';

export type Incident =
  | { readonly kind: 'release'; readonly quality: 'good' | 'failing' | 'slow' | 'broken' }
  | { readonly kind: 'disturb'; readonly workload: 'target' | 'primary'; readonly forMs: number }
  | { readonly kind: 'jobLost' }
  | { readonly kind: 'jobDoubled' }
  | { readonly kind: 'jobLate'; readonly byMs: number }
  | { readonly kind: 'crash'; readonly action: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'apiError'; readonly action: Action['kind'] }
  /** A user changes the image while a step is under way, right before its n-th action. */
  | { readonly kind: 'releaseDuring'; readonly action: number; readonly quality: 'good' | 'failing' }
  /** The user deletes the Canary, which gives its traffic back to the target whatever befalls it meanwhile. */
  | { readonly kind: 'delete' }
  /** The user wants that, or no longer. */
  | { readonly kind: 'revert'; readonly isWanted: boolean }
  | { readonly kind: 'quiet'; readonly slots: number };

const failable: readonly Action['kind'][] = [
  'observeTarget',
  'ensureServices',
  'ensureApex',
  'ensureRoutes',
  'scaleTarget',
  'promote',
  'queryMetric',
  'callHook',
  'ensurePrimary',
  'restoreTarget',
  'restoreApex',
  'restoreRoutes',
  'observeNamespace',
];

export const incident: fc.Arbitrary<Incident> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('release'),
      quality: fc.constantFrom('good', 'failing', 'slow', 'broken'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('disturb'),
      workload: fc.constantFrom('target', 'primary'),
      forMs: fc.integer({ min: 1, max: 90_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'jobLost' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'jobDoubled' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('jobLate'), byMs: fc.integer({ min: 1, max: intervalMs - 1 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('crash'),
      action: fc.integer({ min: 1, max: 14 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('apiError'), action: fc.constantFrom(...failable) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('releaseDuring'),
      action: fc.integer({ min: 1, max: 14 }),
      quality: fc.constantFrom('good', 'failing'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revert'), isWanted: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('quiet'), slots: fc.integer({ min: 1, max: 6 }) }) },
) as fc.Arbitrary<Incident>;

const makers = { good, failing, slow, broken } as const;

export interface History {
  readonly cluster: SimulatedCluster;
  readonly session: Session;
  readonly isAutoscaled: boolean;
  latest: Release;
  now: number;
  /** The user has let the Canary go without giving anything back. */
  mayLose: boolean;
}

export interface Shape {
  readonly analysis: object;
  /** Milliseconds until pods are ready. */
  readonly podStart: number;
  readonly drainMs: number;
  readonly isAutoscaled: boolean;
}

export const shape: fc.Arbitrary<Shape> = fc.record({
  analysis: fc.constantFrom<object>(
    {},
    { stepWeight: 20 },
    { stepWeight: undefined, stepWeights: [1, 10, 60] },
    { stepWeightPromotion: 30 },
    { maxWeight: undefined, stepWeight: undefined, iterations: 2 },
  ),
  // Within a slot, and longer than one.
  podStart: fc.constantFrom(7_000, 40_000),
  drainMs: fc.constantFrom(0, 10_000, 45_000),
  isAutoscaled: fc.boolean(),
});

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };

function canaryOf({ analysis, drainMs, isAutoscaled }: Shape): Canary {
  const spec = { revertOnDeletion: true, ...(isAutoscaled ? { autoscalerRef } : {}) };
  return storyCanary(analysis, spec, { 'aviary.dev/drain-delay': `${drainMs}ms` });
}

export function play(incidents: readonly Incident[], given: Shape): History {
  const first = good('r0');
  const cluster = watched(createSimulatedCluster(first, given.podStart), {
    mayLose: () => history.mayLose,
    watchTraffic: (inner) => watchTraffic(inner, { ...given, status: () => session.canary().status }),
  });
  const session = createSession(canaryOf(given), cluster);
  const history: History = { ...given, cluster, session, latest: first, now: 2_000_000_000_000, mayLose: false };
  for (const [index, what] of incidents.entries()) disturb(history, what, index);
  for (let slot = 0; slot < 40; slot += 1) oneSlot(history, {});
  return history;
}

type Players = {
  readonly [Kind in Incident['kind']]: (
    history: History,
    what: Extract<Incident, { kind: Kind }>,
    name: string,
  ) => void;
};

const players: Players = {
  release(history, { quality }, name) {
    release(history, makers[quality](name));
    oneSlot(history, {});
  },
  disturb(history, { workload, forMs }) {
    history.cluster.disturb(workload, history.now + forMs);
    oneSlot(history, {});
  },
  jobLost(history) {
    history.now += intervalMs;
  },
  jobDoubled(history) {
    history.session.step(history.now);
    history.session.step(history.now + 500);
    oneSlot(history, {});
  },
  jobLate(history, { byMs }) {
    history.session.step(history.now + byMs);
    history.now += intervalMs;
  },
  crash(history, crash) {
    history.session.step(history.now, { crash });
    // Another worker takes the job over within the slot.
    history.session.step(history.now + 2_000);
    history.now += intervalMs;
  },
  apiError(history, { action }) {
    oneSlot(history, { failing: new Set([action]) });
  },
  releaseDuring(history, { action, quality }, name) {
    oneSlot(history, { before: { action, run: () => release(history, makers[quality](name)) } });
  },
  delete(history) {
    const { session } = history;
    if (!session.canary().finalizers.includes(finalizerName)) history.mayLose = true;
    session.delete();
    oneSlot(history, {});
  },
  revert(history, { isWanted }) {
    const { session } = history;
    session.edit({ revertOnDeletion: isWanted });
    if (!isWanted && session.canary().deleting) history.mayLose = true;
    oneSlot(history, {});
  },
  quiet(history, { slots }) {
    for (let slot = 0; slot < slots; slot += 1) oneSlot(history, {});
  },
};

function disturb(history: History, what: Incident, index: number): void {
  const player = players[what.kind] as (history: History, what: Incident, name: string) => void;
  player(history, what, 'quality' in what ? `r${index + 1}-${what.quality}` : '');
}

function release(history: History, latest: Release): void {
  history.latest = latest;
  history.cluster.release(latest, history.now);
}

export function oneSlot(history: History, options: StepOptions): void {
  if (history.isAutoscaled) history.cluster.autoscale(history.now);
  history.session.step(history.now, options);
  history.now += intervalMs;
}

export const whereabouts = ({ session, cluster, latest }: History): string =>
  JSON.stringify({ status: session.canary().status, cluster: cluster.state(), latest: latest.name });
