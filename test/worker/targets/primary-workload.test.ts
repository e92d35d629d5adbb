import test from 'ava';
import { valueAt } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { deploymentKind } from '../../../worker/targets/deployment.ts';
import { flaggerIdOf, isCopyOf, primaryWorkload } from '../../../worker/targets/primary-workload.ts';
import type { CopyRules, Original, PrimaryWish } from '../../../worker/targets/primary-workload.ts';
import { defaultSelectorLabels } from '../../../worker/targets/selector-label.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aDeployment } from '../../support/a-deployment.ts';

const rules: CopyRules = { selectorLabels: defaultSelectorLabels, includeLabelPrefixes: ['team.'] };
const canary = aCanary();

const target = aDeployment({
  metadata: {
    labels: { app: 'podinfo', 'team.example/name': 'birds', other: 'x', 'team.toolkit.fluxcd.io/name': 'x' },
    annotations: { note: 'x', 'team.example/contact': 'y', 'deployment.kubernetes.io/revision': '4' },
  },
  spec: {
    replicas: 4,
    progressDeadlineSeconds: 60,
    minReadySeconds: 3,
    revisionHistoryLimit: 5,
    strategy: { type: 'Recreate' },
    paused: false,
  },
  pod: {
    creationTimestamp: null,
    labels: { app: 'podinfo', version: 'v1', 'a.toolkit.fluxcd.io/b': 'x' },
    annotations: { scrape: 'yes', 'a.toolkit.fluxcd.io/b': 'x' },
  },
});

const wish = (changes: Partial<PrimaryWish> = {}): PrimaryWish => ({
  kind: deploymentKind,
  configs: new Set(),
  canary,
  target,
  rules,
  flaggerId: 'id-1',
  occasion: 'create',
  isOwned: true,
  ...changes,
});

const originalOf = (original: KubernetesObject): Original => ({
  kind: deploymentKind,
  target: original,
  rules,
  configs: new Set(),
});

test('a first copy carries prefixed labels, all annotations of the user, and the name and mark of the primary', (t) => {
  const { metadata } = primaryWorkload(wish());
  t.is(metadata.name, 'podinfo-primary');
  t.is(metadata.namespace, 'test');
  t.deepEqual(metadata.labels, { 'team.example/name': 'birds', app: 'podinfo-primary' });
  t.deepEqual(metadata.annotations, { note: 'x', 'team.example/contact': 'y' });
});

test('a promoted copy carries only the annotations with a prefix', (t) => {
  t.deepEqual(primaryWorkload(wish({ occasion: 'promote' })).metadata.annotations, { 'team.example/contact': 'y' });
});

test('the Canary is the controller of its own primary, and not of one that others made', (t) => {
  t.deepEqual(primaryWorkload(wish()).metadata.ownerReferences, [
    {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: 'podinfo',
      uid: canary.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  t.false('ownerReferences' in primaryWorkload(wish({ isOwned: false })).metadata);
});

test('the pods are selected by the one label, and are rolled by the flagger-id', (t) => {
  const { spec } = primaryWorkload(wish()) as KubernetesObject & { spec: Record<string, unknown> };
  t.deepEqual(spec['selector'], { matchLabels: { app: 'podinfo-primary' } });
  t.deepEqual(valueAt(spec, 'template', 'metadata'), {
    labels: { app: 'podinfo-primary', version: 'v1' },
    annotations: { scrape: 'yes', 'flagger-id': 'id-1' },
  });
});

test('the fields of a rollout are copied; replicas only where they are given', (t) => {
  const copied = {
    progressDeadlineSeconds: 60,
    minReadySeconds: 3,
    revisionHistoryLimit: 5,
    strategy: { type: 'Recreate' },
  };
  const { selector: _, template: __, ...rest } = primaryWorkload(wish())['spec'] as Record<string, unknown>;
  t.deepEqual(rest, copied);
  t.is(valueAt(primaryWorkload(wish({ replicas: 3 })), 'spec', 'replicas'), 3);
});

test('the target is not changed by copying it', (t) => {
  const before = structuredClone(target);
  primaryWorkload(wish());
  t.deepEqual(target, before);
});

test('a copy equals its target whatever its flagger-id, and the rendering of absent values', (t) => {
  const copy = primaryWorkload(wish());
  t.is(flaggerIdOf(copy), 'id-1');
  t.true(isCopyOf(copy, originalOf(target)));
  t.true(isCopyOf(primaryWorkload(wish({ flaggerId: 'id-2' })), originalOf(target)));
});

const differing: Record<string, KubernetesObject> = {
  'another image': aDeployment({ ...primaryOptions(), container: { image: 'podinfo:2' } }),
  'another pod label': aDeployment({ ...primaryOptions(), pod: { labels: { app: 'podinfo-primary', x: 'y' } } }),
  'a further pod annotation': aDeployment({
    ...primaryOptions(),
    pod: { labels: { app: 'podinfo-primary' }, annotations: { restartedAt: 'now' } },
  }),
  'another pod field': aDeployment({ ...primaryOptions(), podSpec: { hostNetwork: true } }),
};

function primaryOptions() {
  return { name: 'podinfo-primary', pod: { labels: { app: 'podinfo-primary' } } };
}

test('a primary that nobody marked with a flagger-id can be a copy too', (t) => {
  t.true(isCopyOf(aDeployment(primaryOptions()), originalOf(aDeployment())));
});

for (const [what, primary] of Object.entries(differing)) {
  test(`${what} makes a primary no copy of its target`, (t) => {
    t.false(isCopyOf(primary, originalOf(aDeployment())));
  });
}

test('scheduling rules about the own pods mean the primary in its copy', (t) => {
  const constraint = (app: string) => ({
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app } },
  });
  const spread = aDeployment({ podSpec: { topologySpreadConstraints: [constraint('podinfo')] } });
  const copy = primaryWorkload(wish({ target: spread }));
  const path = ['spec', 'template', 'spec', 'topologySpreadConstraints'] as const;
  t.deepEqual(valueAt(copy, ...path), [constraint('podinfo-primary')]);
  t.true(isCopyOf(copy, originalOf(spread)));
});
