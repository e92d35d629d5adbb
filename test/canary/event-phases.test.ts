/** The phase that event webhooks are told with each event. Rule: events-alerts.md section 6. */
import test from 'ava';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Release } from '../../sandbox/simulated/workloads.ts';
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

test('a promotion: each event carries the phase that it announces', (t) => {
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
