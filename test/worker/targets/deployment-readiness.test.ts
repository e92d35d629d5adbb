import test from 'ava';
import type { Readiness } from '../../../canary/action.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import { deploymentReadiness, replicasOf } from '../../../worker/targets/deployment-readiness.ts';
import { aDeployment } from '../../support/a-deployment.ts';

const now = Date.UTC(2026, 0, 2, 12);
const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

const available = (status: string, minutes: number) => ({
  type: 'Available',
  status,
  reason: status === 'True' ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
  lastUpdateTime: minutesAgo(minutes),
});
const progressing = (reason = 'ReplicaSetUpdated') => ({ type: 'Progressing', status: 'True', reason });

const done = { observedGeneration: 2, replicas: 10, updatedReplicas: 10, availableReplicas: 10 };
const behind = { ...done, updatedReplicas: 1, replicas: 1, availableReplicas: 0 };

interface Row {
  readonly status: JsonRecord;
  readonly replicas?: number;
  readonly readyThreshold?: number;
  readonly expect: Readiness;
}

const wait = (why: string): Readiness => ({ kind: 'waiting', why: `waiting for rollout to finish: ${why}` });
const stuck = (why: string): Readiness => ({ kind: 'stuck', why });

const rows: Record<string, Row> = {
  'everything updated and available is ready': { status: done, expect: { kind: 'ready' } },
  'no replicas are all ready': { status: { observedGeneration: 2 }, replicas: 0, expect: { kind: 'ready' } },
  'a spec that was not seen yet is waited for': {
    status: { ...done, observedGeneration: 1 },
    expect: wait('observed deployment generation less than desired generation'),
  },
  'a Deployment without a status is waited for': {
    status: {},
    expect: wait('observed deployment generation less than desired generation'),
  },
  'an unseen spec outweighs an old verdict of the Deployment controller': {
    status: { ...done, observedGeneration: 1, conditions: [progressing('ProgressDeadlineExceeded')] },
    expect: wait('observed deployment generation less than desired generation'),
  },
  "the Deployment's own deadline ends the waiting": {
    status: { ...behind, conditions: [progressing('ProgressDeadlineExceeded')] },
    expect: stuck('deployment "podinfo" exceeded its progress deadline'),
  },
  'replicas that are not updated yet are counted': {
    status: { ...done, updatedReplicas: 3 },
    expect: wait('3 out of 10 new replicas have been updated'),
  },
  'old replicas that still run are counted': {
    status: { ...done, replicas: 12 },
    expect: wait('2 old replicas are pending termination'),
  },
  'replicas that are not available yet are counted': {
    status: { ...done, availableReplicas: 9 },
    expect: wait('9 of 10 (readyThreshold 100%) updated replicas are available'),
  },
  'a threshold of the updated replicas is enough': {
    status: { ...done, availableReplicas: 5 },
    readyThreshold: 50,
    expect: { kind: 'ready' },
  },
  'the threshold is rounded down': {
    status: { ...done, replicas: 3, updatedReplicas: 3, availableReplicas: 1 },
    replicas: 3,
    readyThreshold: 50,
    expect: { kind: 'ready' },
  },
  'one less than the threshold is not enough': {
    status: { ...done, availableReplicas: 4 },
    readyThreshold: 55,
    expect: wait('4 of 5 (readyThreshold 55%) updated replicas are available'),
  },
  'too few replicas for longer than the deadline are stuck': {
    status: { ...behind, conditions: [progressing(), available('False', 11)] },
    expect: stuck('waiting for rollout to finish: 1 out of 10 new replicas have been updated'),
  },
  'too few replicas within the deadline are waited for': {
    status: { ...behind, conditions: [progressing(), available('False', 10)] },
    expect: wait('1 out of 10 new replicas have been updated'),
  },
  'too few replicas of a Deployment that reports no progress are waited for': {
    status: { ...behind, conditions: [available('False', 11)] },
    expect: wait('1 out of 10 new replicas have been updated'),
  },
  'a slow rollout with enough available replicas is waited for': {
    status: { ...behind, conditions: [progressing(), available('True', 11)] },
    expect: wait('1 out of 10 new replicas have been updated'),
  },
};

for (const [title, { status, replicas = 10, readyThreshold = 100, expect }] of Object.entries(rows)) {
  test(title, (t) => {
    const deployment = aDeployment({ metadata: { generation: 2 }, spec: { replicas }, status });
    t.deepEqual(deploymentReadiness(deployment, { readyThreshold, deadlineMs: 600_000, now }), expect);
  });
}

test('a workload without spec.replicas has one', (t) => {
  t.is(replicasOf({ ...aDeployment(), spec: {} }), 1);
  t.is(replicasOf(aDeployment({ spec: { replicas: 0 } })), 0);
});
