/**
 * Random histories: releases good and bad, pods that vanish, an API server that fails, jobs lost and doubled, workers
 * that die before or after any action. Whatever happens, the invariants of the design hold at every action, and when
 * the disturbances end the canary arrives where its last release says.
 *
 * A failure prints its seed and path; AVIARY_SEED and AVIARY_PATH replay it, AVIARY_HISTORIES sets the count.
 */
import test from 'ava';
import fc from 'fast-check';
import type { Action } from '../../canary/action.ts';
import type { CanaryStatus } from '../../canary/canary.ts';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { Release, SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Session, StepOptions } from '../../sandbox/simulated/session.ts';
import { broken, failing, good, intervalMs, slow, storyCanary } from './story.ts';

type Incident =
  | { readonly kind: 'release'; readonly quality: 'good' | 'failing' | 'slow' | 'broken' }
  | { readonly kind: 'disturb'; readonly workload: 'target' | 'primary'; readonly forMs: number }
  | { readonly kind: 'jobLost' }
  | { readonly kind: 'jobDoubled' }
  | { readonly kind: 'jobLate'; readonly byMs: number }
  | { readonly kind: 'crash'; readonly action: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'apiError'; readonly action: Action['kind'] }
  /** A user changes the image while a step is under way, right before its n-th action. */
  | { readonly kind: 'releaseDuring'; readonly action: number; readonly quality: 'good' | 'failing' }
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
];

const incident: fc.Arbitrary<Incident> = fc.oneof(
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
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('quiet'), slots: fc.integer({ min: 1, max: 6 }) }) },
) as fc.Arbitrary<Incident>;

const makers = { good, failing, slow, broken } as const;

interface History {
  readonly cluster: SimulatedCluster;
  readonly session: Session;
  latest: Release;
  now: number;
}

const shape = fc.constantFrom<object>(
  {},
  { stepWeight: 20 },
  { stepWeight: undefined, stepWeights: [1, 10, 60] },
  { stepWeightPromotion: 30 },
  { maxWeight: undefined, stepWeight: undefined, iterations: 2 },
);

function play(incidents: readonly Incident[], analysis: object, podStart: number): History {
  const first = good('r0');
  const cluster = watched(createSimulatedCluster(first, podStart));
  const session = createSession(storyCanary(analysis), cluster);
  const history: History = { cluster, session, latest: first, now: 2_000_000_000_000 };
  for (const [index, what] of incidents.entries()) disturb(history, what, index);
  for (let slot = 0; slot < 40; slot += 1) oneSlot(history, {});
  return history;
}

function disturb(history: History, what: Incident, index: number): void {
  switch (what.kind) {
    case 'release':
      release(history, makers[what.quality](`r${index + 1}-${what.quality}`));
      return oneSlot(history, {});
    case 'disturb':
      history.cluster.disturb(what.workload, history.now + what.forMs);
      return oneSlot(history, {});
    case 'jobLost':
      history.now += intervalMs;
      return;
    case 'jobDoubled':
      history.session.step(history.now);
      history.session.step(history.now + 500);
      return oneSlot(history, {});
    case 'jobLate':
      history.session.step(history.now + what.byMs);
      history.now += intervalMs;
      return;
    case 'crash':
      history.session.step(history.now, { crash: what });
      // Another worker takes the job over within the slot.
      history.now += 2_000;
      history.session.step(history.now);
      history.now += intervalMs - 2_000;
      return;
    case 'apiError':
      return oneSlot(history, { failing: new Set([what.action]) });
    case 'releaseDuring':
      return releaseDuring(history, what, `r${index + 1}-${what.quality}`);
    case 'quiet':
      for (let slot = 0; slot < what.slots; slot += 1) oneSlot(history, {});
  }
}

function releaseDuring(history: History, what: { action: number; quality: 'good' | 'failing' }, name: string): void {
  const before = { action: what.action, run: () => release(history, makers[what.quality](name)) };
  oneSlot(history, { before });
}

function release(history: History, latest: Release): void {
  history.latest = latest;
  history.cluster.release(latest, history.now);
}

function oneSlot(history: History, options: StepOptions): void {
  history.session.step(history.now, options);
  history.now += intervalMs;
}

/** Invariants 1 and 8 at each action: sums, readiness behind every route, and repetition without a second effect. */
function watched(cluster: SimulatedCluster): SimulatedCluster {
  const effects = new Set<Action['kind']>(['ensureRoutes', 'scaleTarget', 'promote', 'ensurePrimary', 'ensureApex']);
  // What the rules know: pods may still come and go between a look and the write that follows it.
  let seen = { primary: false, target: false };
  return {
    ...cluster,
    perform(action, now) {
      if (action.kind === 'observeTarget') {
        seen = { primary: cluster.isReady('primary', now), target: cluster.isReady('target', now) };
      }
      if (action.kind === 'ensureRoutes') checkRoutes(cluster, action.weights, seen);
      if (action.kind === 'scaleTarget' && action.to === 'zero') checkScaleDown(cluster);
      const outcome = cluster.perform(action, now);
      if (!effects.has(action.kind)) return outcome;
      const once = JSON.stringify(cluster.state());
      cluster.perform(action, now);
      if (JSON.stringify(cluster.state()) !== once) throw new Error(`${action.kind} is not repeatable`);
      return outcome;
    },
  };
}

function checkRoutes(
  cluster: SimulatedCluster,
  weights: { primary: number; canary: number },
  seen: { primary: boolean; target: boolean },
): void {
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

/** Invariant 2: whatever the primary was given had passed its analysis in one uninterrupted run, or was the first. */
function checkPromotions(session: Session): void {
  const promoted = session.performed().filter(({ action }) => action.kind === 'promote');
  for (const { action } of promoted) {
    if (action.kind !== 'promote') continue;
    const { template } = action.revision;
    if (/failing|slow|broken/.test(template)) throw new Error(`${template} was promoted`);
  }
}

/** Invariants 5 and 6: a slot advances a run at most once, and two steps are never closer than 0.9 interval. */
function checkSteps(session: Session): void {
  const steps = session.saved().filter(({ status }, index, all) => advances(all[index - 1]?.status, status));
  for (const [index, step] of steps.entries()) {
    const previous = steps[index - 1];
    if (previous === undefined || previous.status.run?.id !== step.status.run?.id) continue;
    if (previous.slot === step.slot) throw new Error(`slot ${step.slot} advanced the canary twice`);
    if (step.at - previous.at < 0.9 * intervalMs) throw new Error(`steps ${step.at - previous.at} ms apart`);
  }
}

/** Whether a save moved the position of a run in its analysis. */
function advances(before: CanaryStatus | undefined, after: CanaryStatus): boolean {
  if (before?.phase !== 'Progressing' || after.phase !== 'Progressing' || before.run?.id !== after.run?.id)
    return false;
  return (
    before.canaryWeight !== after.canaryWeight ||
    before.iterations !== after.iterations ||
    before.failedChecks !== after.failedChecks
  );
}

/** Invariant 7: one alert for each end of a run, however often a step was repeated. */
function checkAlerts(session: Session): void {
  const kinds = session.delivered().map(({ announcement }) => announcement);
  const count = (text: RegExp): number => kinds.filter((one) => one.kind === 'alert' && text.test(one.message)).length;
  const runs = count(/New revision detected, progressing/);
  const ends = count(
    /promotion finished|Failed checks threshold|deadline exceeded|could not be made|primary not ready/i,
  );
  if (ends > runs + kinds.filter((one) => one.kind === 'event' && /Restarting/.test(one.message)).length + 1) {
    throw new Error(`${ends} ends were alerted of ${runs} runs`);
  }
}

/** Invariants 7 and 9: when everything is quiet again, the last release is promoted or refused, never forgotten. */
function checkEnd({ session, cluster, latest }: History): void {
  const { status } = session.canary();
  const { primary, target, routes } = cluster.state();
  const where = `${status.phase} weight ${status.canaryWeight} primary ${primary?.release.name} latest ${latest.name}`;
  const expected = latest.starts && latest.successRate === 100 && latest.latency < 500;
  if (!['Initialized', 'Succeeded', 'Failed', 'Initializing'].includes(status.phase ?? ''))
    throw new Error(`stuck: ${where}`);
  if (status.phase === 'Initializing') {
    if (latest.starts) throw new Error(`never initialized: ${where}`);
    return;
  }
  if (expected && primary?.release.name !== latest.name && status.lastAppliedSpec !== `v1-${latest.name}`) {
    throw new Error(`lost a revision: ${where}`);
  }
  if (target.replicas !== 0 || routes?.canary !== 0) throw new Error(`not at rest: ${where} ${JSON.stringify(routes)}`);
}

/** Milliseconds until pods are ready: within a slot, and longer than one. */
const podStarts = fc.constantFrom(7_000, 40_000);

const environment = process.env;
const parameters: fc.Parameters<[Incident[], object, number]> = {
  includeErrorInReport: true,
  numRuns: Number(environment['AVIARY_HISTORIES'] ?? 3000),
  ...(environment['AVIARY_SEED'] === undefined ? {} : { seed: Number(environment['AVIARY_SEED']) }),
  ...(environment['AVIARY_PATH'] === undefined ? {} : { path: environment['AVIARY_PATH'] }),
};

test('the invariants hold over random histories', (t) => {
  const histories = fc.property(
    fc.array(incident, { maxLength: 30 }),
    shape,
    podStarts,
    (incidents, analysis, podStart) => {
      const history = play(incidents, analysis, podStart);
      checkPromotions(history.session);
      checkSteps(history.session);
      checkAlerts(history.session);
      checkEnd(history);
    },
  );
  t.notThrows(() => fc.assert(histories, parameters));
  t.log(`${parameters.numRuns} histories`);
});
