/** What is said of DaemonSets that are not ready. Texts: events-alerts.md section 2. */
import test from 'ava';
import type { Phase } from '../../canary/canary.ts';
import { play } from './rows.ts';
import type { Row } from './rows.ts';
import { inPhase } from './situations.ts';
import type { Situation } from './situations.ts';

const spec = { targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } };

function saidIn(phase: Phase, situation: Situation, seen: NonNullable<Row['seen']>): readonly string[] {
  const canary = inPhase(phase, { ...situation, spec: { ...spec, ...situation.spec } });
  const row: Row = { title: '', canary, seen, asks: [], ends: { outcome: 'stopped' } };
  return play(row).announcements.flatMap((one) => ('message' in one ? [one.message] : []));
}

const canary = (why: string, isRetried = true): string =>
  `canary damonset podinfo.test not ready with retryable ${isRetried}: ${why}`;
const primary = (why: string): string => `primary daemonset podinfo-primary.test not ready: ${why}`;
const late = 'exceeded its progressDeadlineSeconds: 60';
const noPods = 'waiting for rollout to finish: 0 out of 1 new pods have been updated';
const unobserved = 'waiting for rollout to finish: observed daemonset generation less than desired generation';

test('a canary past the deadline is said to have exceeded it', (t) => {
  t.deepEqual(saidIn('Progressing', { weight: 20, waited: 60_000 }, { target: 'waiting' }), [
    canary(late, false),
    `Rolling back podinfo.test progress deadline exceeded ${canary(late, false)}`,
    `Progress deadline exceeded ${canary(late, false)}`,
    'Canary failed! Scaling down podinfo.test',
  ]);
});

test('so is a primary past the deadline', (t) => {
  t.deepEqual(saidIn('Promoting', { weight: 100, waited: 60_000 }, { primary: 'waiting' }), [
    primary(late),
    `Promotion of podinfo.test failed, primary not ready: ${primary(late)}`,
    `Promotion failed, primary not ready: ${primary(late)}`,
  ]);
  t.deepEqual(saidIn('Progressing', { weight: 20, waited: 60_000 }, { primary: 'waiting' }), [
    primary(late),
    `Rolling back podinfo.test progress deadline exceeded ${primary(late)}`,
    `Progress deadline exceeded ${primary(late)}`,
  ]);
});

test('before that the pods that are missing are counted as pods', (t) => {
  t.deepEqual(saidIn('Progressing', { weight: 20 }, { target: 'none' }), [canary(noPods)]);
  t.true(saidIn('Initializing', {}, { primary: 'absent' }).includes(primary(noPods)));
});

test('a primary that is only just made anew is not observed yet', (t) => {
  const said = saidIn('Progressing', { spec: { skipAnalysis: true } }, { primary: 'absent' });
  t.true(said.includes(primary(unobserved)));
});
