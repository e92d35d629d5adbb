import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { primaryAutoscaler } from '../../../worker/scalers/horizontal-pod-autoscaler.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary();
const scaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'web', primaryScalerQueries: {} };
const metrics = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } } },
];

const source = (spec: JsonRecord, metadata: JsonRecord = {}): KubernetesObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'test', ...metadata },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, ...spec },
});

test('the copy scales the primary by the same numbers and metrics', (t) => {
  const spec = { minReplicas: 2, maxReplicas: 4, metrics };
  const made = primaryAutoscaler(canary, { scaler, source: source(spec), isOwned: true });
  t.is(made.metadata.name, 'web-primary');
  t.is(made.metadata.ownerReferences?.[0]?.uid, canary.uid);
  t.deepEqual(made['spec'], {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
    ...spec,
  });
});

test('least replicas that are not given are one', (t) => {
  const made = primaryAutoscaler(canary, { scaler, source: source({ maxReplicas: 4 }), isOwned: true });
  t.like(made['spec'], { minReplicas: 1, maxReplicas: 4 });
});

test('numbers for the primary win', (t) => {
  const wish = { scaler: { ...scaler, primaryMinReplicas: 3, primaryMaxReplicas: 9 }, isOwned: true };
  const made = primaryAutoscaler(canary, { ...wish, source: source({ minReplicas: 2, maxReplicas: 4 }) });
  t.like(made['spec'], { minReplicas: 3, maxReplicas: 9 });
});

test('labels and annotations are copied without the marks of Flux and the notes of kubectl', (t) => {
  const users = {
    'a.toolkit.fluxcd.io/b': 'x',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    team: 'birds',
  };
  const metadata = { labels: { team: 'birds', 'a.toolkit.fluxcd.io/b': 'x' }, annotations: users };
  const made = primaryAutoscaler(canary, { scaler, source: source({ maxReplicas: 4 }, metadata), isOwned: false });
  t.deepEqual(made.metadata, {
    name: 'web-primary',
    namespace: 'test',
    labels: { team: 'birds' },
    annotations: { team: 'birds' },
  });
});
