import test from 'ava';
import { arrayAt, numberAt, stringAt } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { pausedAnnotation, primaryScaledObject } from '../../../worker/scalers/scaled-object.ts';
import { aCanary } from '../../support/a-canary.ts';

const aScaledObject = (spec: JsonRecord = {}, metadata: JsonRecord = {}): KubernetesObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'podinfo-so', namespace: 'test', ...metadata },
  spec: {
    scaleTargetRef: { name: 'podinfo', envSourceContainerName: 'podinfo' },
    pollingInterval: 10,
    cooldownPeriod: 20,
    minReplicaCount: 2,
    maxReplicaCount: 5,
    triggers: [
      {
        type: 'prometheus',
        name: 'load',
        metadata: {
          serverAddress: 'http://prometheus',
          query: 'sum(rate(x{app="podinfo-canary"}[1m])) / y{app="podinfo"}',
        },
      },
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '80' } },
    ],
    ...spec,
  },
});

function primary(
  object: KubernetesObject,
  { autoscalerRef = {}, atLeast }: { autoscalerRef?: JsonRecord; atLeast?: number } = {},
) {
  const reference = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo-so', ...autoscalerRef };
  const canary = aCanary({ spec: { autoscalerRef: reference } });
  const { scaler } = canary.spec;
  if (scaler === undefined) throw new Error('expected a Canary with an autoscaler');
  return primaryScaledObject(canary, { scaler, object, isOwned: true, atLeast });
}

const queryOf = (object: KubernetesObject, index = 0): string | undefined =>
  stringAt(arrayAt(object, 'spec', 'triggers')[index], 'metadata', 'query');

test('the primary has every field of its original, and scales the primary workload', (t) => {
  const fallback = { failureThreshold: 3, replicas: 4 };
  t.like(primary(aScaledObject({ fallback, idleReplicaCount: 0 })), {
    metadata: { name: 'podinfo-so-primary', namespace: 'test', ownerReferences: [{ kind: 'Canary', name: 'podinfo' }] },
    spec: {
      scaleTargetRef: { name: 'podinfo-primary', envSourceContainerName: 'podinfo' },
      pollingInterval: 10,
      cooldownPeriod: 20,
      minReplicaCount: 2,
      maxReplicaCount: 5,
      idleReplicaCount: 0,
      fallback,
      advanced: { horizontalPodAutoscalerConfig: {} },
    },
  });
});

test('queries measure the primary, and no suffix is doubled', (t) => {
  t.is(queryOf(primary(aScaledObject())), 'sum(rate(x{app="podinfo-primary"}[1m])) / y{app="podinfo-primary"}');
  const already = { triggers: [{ type: 'prometheus', metadata: { query: 'x{app="podinfo-primary"}' } }] };
  t.is(queryOf(primary(aScaledObject(already))), 'x{app="podinfo-primary"}');
});

test('queries that the Canary names take the place of those of their triggers, and only of those', (t) => {
  const autoscalerRef = { primaryScalerQueries: { load: 'z' } };
  const other = { type: 'prometheus', name: 'other', metadata: { query: 'x{app="podinfo"}' } };
  const triggers = [...arrayAt(aScaledObject(), 'spec', 'triggers'), other];
  const made = primary(aScaledObject({ triggers }), { autoscalerRef });
  t.is(queryOf(made), 'z');
  t.is(queryOf(made, 2), 'x{app="podinfo"}');
});

test('bounds are those of the Canary, else of the original, else none', (t) => {
  const { minReplicaCount: _least, maxReplicaCount: _most, ...open } = aScaledObject()['spec'] as JsonRecord;
  const boundless = { ...aScaledObject(), spec: open };
  t.deepEqual(
    Object.keys(primary(boundless)['spec'] as JsonRecord).filter((key) => key.endsWith('Count')),
    [],
  );
  const autoscalerRef = { primaryScalerReplicas: { minReplicas: 3, maxReplicas: 9 } };
  t.like(primary(aScaledObject(), { autoscalerRef }), { spec: { minReplicaCount: 3, maxReplicaCount: 9 } });
});

test('a primary that takes traffic over is held to its size, within its most', (t) => {
  t.like(primary(aScaledObject(), { atLeast: 4 }), { spec: { minReplicaCount: 4 } });
  t.like(primary(aScaledObject(), { atLeast: 40 }), { spec: { minReplicaCount: 5 } });
  t.like(primary(aScaledObject(), { atLeast: 1 }), { spec: { minReplicaCount: 2 } });
});

test('while it is held to a size it has no idle count, which would take it below that', (t) => {
  const idling = aScaledObject({ idleReplicaCount: 0 });
  t.is(numberAt(primary(idling, { atLeast: 1 }), 'spec', 'idleReplicaCount'), undefined);
  t.is(numberAt(primary(idling), 'spec', 'idleReplicaCount'), 0);
});

test('the HPA of the primary has a name of its own', (t) => {
  const advanced = {
    restoreToOriginalReplicaCount: true,
    horizontalPodAutoscalerConfig: { name: 'hpa', behavior: {} },
  };
  t.like(primary(aScaledObject({ advanced })), {
    spec: { advanced: { restoreToOriginalReplicaCount: true, horizontalPodAutoscalerConfig: { name: 'hpa-primary' } } },
  });
});

test('labels and annotations are copied, but for every pause, the name that KEDA notes and the marks of Flux', (t) => {
  const annotations = {
    note: 'x',
    [pausedAnnotation]: '0',
    'autoscaling.keda.sh/paused': 'true',
    'autoscaling.keda.sh/paused-scale-in': 'true',
    'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  };
  const labels = { team: 'web', 'scaledobject.keda.sh/name': 'podinfo-so' };
  const made = primary(aScaledObject({}, { labels, annotations }));
  t.deepEqual(made.metadata.labels, { team: 'web' });
  t.deepEqual(made.metadata.annotations, { note: 'x' });
});
