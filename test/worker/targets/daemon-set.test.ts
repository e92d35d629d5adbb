import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { daemonSetKind } from '../../../worker/targets/daemon-set.ts';
import { aDaemonSet } from '../../support/a-deployment.ts';

const generation = 3;
const daemonSet = (counts: JsonRecord, podSpec: JsonRecord = {}): KubernetesObject =>
  aDaemonSet({ metadata: { generation }, podSpec, status: { observedGeneration: generation, ...counts } });

const readiness = (counts: JsonRecord, readyThreshold = 100) =>
  daemonSetKind.readiness(daemonSet(counts), { readyThreshold, deadlineMs: 600_000, now: 0 });

const of = (desired: number, updated: number, available: number): JsonRecord => ({
  desiredNumberScheduled: desired,
  updatedNumberScheduled: updated,
  numberAvailable: available,
});

const rows: readonly (readonly [title: string, counts: JsonRecord, threshold: number, why: string | undefined])[] = [
  ['all pods are new and available', of(3, 3, 3), 100, undefined],
  ['enough pods are available', of(5, 5, 3), 70, undefined],
  ['no pod has to be available', of(2, 2, 0), 0, undefined],
  ['a node has an old pod', of(3, 2, 3), 100, '2 out of 3 new pods have been updated'],
  ['a pod is missing', of(3, 3, 2), 100, '2 of 3 (readyThreshold 100%) updated pods are available'],
  ['the threshold is not reached', of(5, 5, 2), 70, '2 of 3 (readyThreshold 70%) updated pods are available'],
  ['no node fits: nobody would answer', of(0, 0, 0), 100, '0 out of 1 new pods have been updated'],
  [
    'the controller has not looked yet',
    { ...of(3, 3, 3), observedGeneration: 2 },
    100,
    'observed daemonset generation less than desired generation',
  ],
];

for (const [title, counts, threshold, why] of rows) {
  test(`a DaemonSet is ${why === undefined ? 'ready' : 'waited for'} when ${title}`, (t) => {
    const wanted =
      why === undefined ? { kind: 'ready' } : { kind: 'waiting', why: `waiting for rollout to finish: ${why}` };
    t.deepEqual(readiness(counts, threshold), wanted);
  });
}

test('a parked DaemonSet asks for no pods, whatever the controller has counted', (t) => {
  const parked = { nodeSelector: { 'flagger.app/scale-to-zero': 'true' } };
  t.is(daemonSetKind.wanted(daemonSet(of(3, 3, 3), parked)), 0);
  t.is(daemonSetKind.wanted(daemonSet(of(3, 3, 3))), 3);
  t.is(daemonSetKind.wanted(daemonSet({ ...of(0, 0, 0), observedGeneration: 2 })), 1, 'just woken');
});
