/** The phase that event webhooks are told with each event. Rule: events-alerts.md section 6. */
import test from 'ava';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Release } from '../../sandbox/simulated/workloads.ts';
import { answers, hooks, play } from './rows.ts';
import type { Row } from './rows.ts';
import { inPhase } from './situations.ts';
import { failing, good, intervalMs, storyCanary } from './story.ts';

/** Message → phase of every event of a bootstrap and one release. */
function phasesOf(release: Release, spec: object = {}): ReadonlyMap<string, string> {
  const cluster = createSimulatedCluster(good('one'), 5_000);
  const session = createSession(storyCanary({}, spec), cluster);
  let now = 1_000_000_000_000;
  const run = (slots: number): void => {
    for (let slot = 0; slot < slots; slot += 1, now += intervalMs) session.step(now);
  };
  run(3);
  cluster.release(release, now);
  run(20);
  const told = session.delivered().map(({ announcement }) => announcement);
  return new Map(told.flatMap((one) => (one.kind === 'event' ? [[one.message, one.phase] as const] : [])));
}

test('a promotion: each event carries the phase that the release is in', (t) => {
  const phases = phasesOf(good('two'));
  t.is(phases.get('Initialization done! podinfo.test'), 'Initialized');
  t.is(phases.get('New revision detected! Scaling up podinfo.test'), 'Progressing');
  t.is(phases.get('Advance podinfo.test canary weight 10'), 'Progressing');
  t.is(phases.get('Copying podinfo.test template spec to podinfo-primary.test'), 'Progressing');
  t.is(phases.get('Promotion completed! Scaling down podinfo.test'), 'Succeeded');
});

test('a promotion without analysis ends with Succeeded', (t) => {
  const phases = phasesOf(good('two'), { skipAnalysis: true });
  t.is(phases.get('Promotion completed! Canary analysis was skipped for podinfo.test'), 'Succeeded');
});

test('a rollback: its cause still carries the running phase, its end carries Failed', (t) => {
  const phases = phasesOf(failing('two'));
  t.is(phases.get('Rolling back podinfo.test failed checks threshold reached 5'), 'Progressing');
  t.is(phases.get('Canary failed! Scaling down podinfo.test'), 'Failed');
});

const phaseIn = (row: Pick<Row, 'canary' | 'facts' | 'seen'>, message: string): string | undefined => {
  const { announcements } = play({ title: '', asks: [], ends: { outcome: 'stopped' }, ...row });
  const found = announcements.find((one) => one.kind === 'event' && one.message === message);
  return found?.kind === 'event' ? found.phase : undefined;
};
const analysis = hooks(['confirm-rollout', 'start'], ['confirm-promotion', 'end']);

test('a gate that is shut is told with the phase that it was found in', (t) => {
  const start = { 'callHook confirm-rollout start': answers.refuses() };
  for (const phase of ['Initialized', 'Succeeded', 'Failed'] as const) {
    const row = { canary: inPhase(phase, { analysis }), seen: { revision: 'v1-three' }, facts: start };
    t.is(phaseIn(row, 'Halt podinfo.test advancement waiting for approval start'), phase);
  }
  const row = {
    canary: inPhase('Progressing', { analysis, weight: 50 }),
    facts: { 'callHook confirm-promotion end': answers.refuses() },
  };
  t.is(phaseIn(row, 'Halt podinfo.test advancement waiting for promotion approval end'), 'Progressing');
});

test('traffic that comes back to the primary is told as part of the promotion', (t) => {
  const inSteps = { stepWeightPromotion: 30 };
  t.is(phaseIn({ canary: inPhase('Promoting', { weight: 50 }) }, 'Routing all traffic to primary'), 'Promoting');
  const last = { canary: inPhase('Promoting', { weight: 20, analysis: inSteps }) };
  t.is(phaseIn(last, 'Advance podinfo.test primary weight 100'), 'Promoting');
});

test('an analysis that starts over is told with the phase that it leaves', (t) => {
  const row = { canary: inPhase('WaitingPromotion', { weight: 50 }), seen: { revision: 'v1-three' } };
  t.is(phaseIn(row, 'New revision detected! Restarting analysis for podinfo.test'), 'WaitingPromotion');
});

test('a deletion begins in the phase that it interrupts', (t) => {
  const finalizers = ['finalizer.flagger.app'];
  const canary = {
    ...inPhase('Progressing', { weight: 20, spec: { revertOnDeletion: true } }),
    deleting: true,
    finalizers,
  };
  t.is(phaseIn({ canary }, 'Terminating canary podinfo.test'), 'Progressing');
});
