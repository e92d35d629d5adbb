import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { deployments, horizontalPodAutoscalers } from '../../platform/kubernetes/resources.ts';
import { aStep } from '../support/a-step.ts';
import { aDeploymentTarget, firstId, nextId } from '../support/deployment-target.ts';
import type { DeploymentFixture } from '../support/deployment-target.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const reference = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
const scaler = { autoscalerRef: reference };

const anAutoscaler = (namespace: string, metadata: JsonRecord = {}): KubernetesObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo', namespace, ...metadata },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    minReplicas: 3,
    maxReplicas: 6,
  },
});

async function setUp(name: string, metadata: JsonRecord = {}): Promise<DeploymentFixture> {
  const fixture = await aDeploymentTarget(light, `scaler-${name}`, { spec: scaler });
  await light.user.create(horizontalPodAutoscalers, anAutoscaler(fixture.namespace, metadata));
  return fixture;
}

const primaryOf = ({ namespace }: DeploymentFixture): Promise<KubernetesObject> =>
  light.user.get(horizontalPodAutoscalers, { namespace, name: 'podinfo-primary' });

/** Whether Aviary applies the replicas of a workload, so that it would fight with an autoscaler. */
const ownsReplicas = ({ metadata }: KubernetesObject): boolean =>
  (metadata.managedFields ?? []).some(
    ({ manager, operation, ...entry }) =>
      manager === 'aviary' && operation === 'Apply' && valueAt(entry, 'fieldsV1', 'f:spec', 'f:replicas') !== undefined,
  );

test.serial('an autoscaled primary is born with replicas and keeps those that its autoscaler gives it', async (t) => {
  const { canary, target, release, primary, edit } = await setUp('replicas');
  await target.scale(aStep(canary), 'zero');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  t.is(valueAt(await primary(), 'spec', 'replicas'), 3, 'a parked target: what the autoscaler starts with');
  t.false(ownsReplicas(await primary()));
  await edit('podinfo-primary', { spec: { replicas: 5 } });
  await release();
  await target.scale(aStep(canary), 'running');
  const { revision, target: now } = await target.observe(aStep(canary));
  t.is(now.replicas, 3);
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  t.is(valueAt(await primary(), 'spec', 'replicas'), 5);
  t.false(ownsReplicas(await primary()));
});

test.serial('an autoscaler that is named later takes the replicas over as they are', async (t) => {
  const { canaryWith, target, primary, requests } = await setUp('later');
  await target.ensurePrimary(aStep(canaryWith({})), { follow: false, flaggerId: firstId });
  t.true(ownsReplicas(await primary()));
  const scaled = canaryWith(scaler);
  await target.ensurePrimary(aStep(scaled), { follow: true, flaggerId: firstId });
  t.is(valueAt(await primary(), 'spec', 'replicas'), 2);
  t.false(ownsReplicas(await primary()));
  const before = requests.length;
  await target.ensurePrimary(aStep(scaled), { follow: true, flaggerId: firstId });
  t.deepEqual(writesAmong(requests.slice(before)), []);
});

test.serial(
  'the primary autoscaler is a copy that scales the primary, belongs to the Canary and is written once',
  async (t) => {
    const fixture = await setUp('copy', {
      labels: { team: 'birds', 'kustomize.toolkit.fluxcd.io/name': 'apps' },
      annotations: { note: 'kept' },
    });
    const { canary, scalers, requests } = fixture;
    await scalers(canary)?.ensurePrimary(aStep(canary));
    const made = await primaryOf(fixture);
    t.deepEqual(made.metadata.labels, { team: 'birds' });
    t.deepEqual(made.metadata.annotations, { note: 'kept' });
    t.like(made.metadata.ownerReferences?.[0], { kind: 'Canary', uid: canary.uid, controller: true });
    t.like(made['spec'], {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
      minReplicas: 3,
      maxReplicas: 6,
    });
    const before = requests.length;
    await scalers(canary)?.ensurePrimary(aStep(canary));
    t.deepEqual(writesAmong(requests.slice(before)), []);
  },
);

test.serial('the primary autoscaler follows the target: numbers, metrics, labels and annotations', async (t) => {
  const fixture = await setUp('follow', { labels: { team: 'birds', old: 'yes' }, annotations: { note: 'old' } });
  const { canary, scalers, namespace } = fixture;
  await scalers(canary)?.ensurePrimary(aStep(canary));
  const patch = {
    metadata: { labels: { old: null }, annotations: { note: null, other: 'new' } },
    spec: { minReplicas: 2, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } },
  };
  const source = await light.user.mergePatch(horizontalPodAutoscalers, { namespace, name: 'podinfo' }, { patch });
  await scalers(canary)?.ensurePrimary(aStep(canary));
  const made = await primaryOf(fixture);
  t.deepEqual(made.metadata.labels, { team: 'birds' });
  t.deepEqual(made.metadata.annotations, { other: 'new' });
  t.is(valueAt(made, 'spec', 'minReplicas'), 2);
  t.deepEqual(valueAt(made, 'spec', 'behavior'), valueAt(source, 'spec', 'behavior'));
  t.deepEqual(valueAt(made, 'spec', 'metrics'), valueAt(source, 'spec', 'metrics'));
});

test.serial('primaryScalerReplicas of the Canary win over the numbers of the target autoscaler', async (t) => {
  const fixture = await setUp('override');
  const primaryScalerReplicas = { minReplicas: 4, maxReplicas: 9 };
  const canary = fixture.canaryWith({ autoscalerRef: { ...reference, primaryScalerReplicas } });
  await fixture.scalers(canary)?.ensurePrimary(aStep(canary));
  t.like((await primaryOf(fixture))['spec'], primaryScalerReplicas);
});

test.serial('a target autoscaler that does not exist is named in the error', async (t) => {
  const { canaryWith, scalers } = await setUp('missing');
  const canary = canaryWith({ autoscalerRef: { ...reference, name: 'nobody' } });
  const message = `HorizontalPodAutoscaler nobody.${canary.namespace} get query error: there is no such object`;
  t.like(await t.throwsAsync(async () => scalers(canary)?.ensurePrimary(aStep(canary))), {
    reason: 'notFound',
    message,
  });
});

test.serial(
  'at the end of the Canary the target starts with what the primary has, once; then it is its scaler’s',
  async (t) => {
    const { canary, target, edit } = await setUp('restored');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
    await target.scale(aStep(canary), 'zero');
    await edit('podinfo-primary', { spec: { replicas: 5 } });
    const replicas = async () => (await target.observe(aStep(canary))).target.replicas;
    await target.restore(aStep(canary), { raise: true });
    t.is(await replicas(), 5);
    await edit('podinfo', { spec: { replicas: 4 } });
    await target.restore(aStep(canary), { raise: false });
    t.is(await replicas(), 4);
  },
);

test.serial('a scaler that is gone keeps no target from its pods', async (t) => {
  const { canary, target } = await aDeploymentTarget(light, 'scaler-gone', { spec: scaler });
  await target.scale(aStep(canary), 'zero');
  await target.restore(aStep(canary), { raise: true });
  t.is((await target.observe(aStep(canary))).target.replicas, 1);
});

test.serial('a target that is gone, or on its way out, is nothing to wait for', async (t) => {
  const { canary, target, edit, namespace } = await aDeploymentTarget(light, 'restored-gone');
  await edit('podinfo', { metadata: { finalizers: ['others.example/wait'] } });
  await light.user.delete(deployments, { namespace, name: 'podinfo' });
  t.deepEqual(await target.restore(aStep(canary), { raise: true }), { kind: 'gone' });
  await edit('podinfo', { metadata: { finalizers: null } });
  t.deepEqual(await target.restore(aStep(canary), { raise: true }), { kind: 'gone' });
});
