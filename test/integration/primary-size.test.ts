import test from 'ava';
import { numberAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { deployments, horizontalPodAutoscalers } from '../../platform/kubernetes/resources.ts';
import { createPrimarySizer } from '../../worker/primary-size.ts';
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

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };

interface Fixture extends DeploymentFixture {
  readonly size: (replicas: number) => Promise<{ readonly raised: boolean }>;
  readonly primaryScaler: () => Promise<KubernetesObject>;
}

/** A primary with two pods, or three where an autoscaler starts with those and may go up to six. */
async function setUp(name: string, options: { readonly isAutoscaled: boolean }): Promise<Fixture> {
  const spec = options.isAutoscaled ? { autoscalerRef } : {};
  const fixture = await aDeploymentTarget(light, `size-${name}`, { spec });
  const { canary, namespace, scalers, target } = fixture;
  if (options.isAutoscaled) {
    await light.user.create(horizontalPodAutoscalers, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo', namespace },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
        minReplicas: 3,
        maxReplicas: 6,
      },
    });
    await target.scale(aStep(canary), 'zero');
  }
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const sizer = createPrimarySizer({ client: light.client, scalerOf: (step) => scalers(step.canary) });
  return {
    ...fixture,
    size: (replicas) => sizer(aStep(canary), replicas),
    primaryScaler: () => light.user.get(horizontalPodAutoscalers, { namespace, name: 'podinfo-primary' }),
  };
}

const replicasOf = async ({ primary }: Fixture): Promise<number | undefined> =>
  numberAt(await primary(), 'spec', 'replicas');

/** Whether Aviary applies the replicas, so that it would set them back whenever it applies the primary. */
const appliesReplicas = ({ metadata }: KubernetesObject): boolean =>
  (metadata.managedFields ?? []).some(
    ({ manager, operation, ...entry }) =>
      manager === 'aviary' && operation === 'Apply' && valueAt(entry, 'fieldsV1', 'f:spec', 'f:replicas') !== undefined,
  );

test.serial('a primary without an autoscaler is raised once, and never lowered', async (t) => {
  const fixture = await setUp('plain', { isAutoscaled: false });
  t.is(await replicasOf(fixture), 2);
  t.deepEqual(await fixture.size(4), { raised: true });
  t.is(await replicasOf(fixture), 4);
  const before = fixture.requests.length;
  t.deepEqual(await fixture.size(4), { raised: false });
  t.deepEqual(await fixture.size(1), { raised: false });
  t.deepEqual(writesAmong(fixture.requests.slice(before)), []);
  t.is(await replicasOf(fixture), 4);
});

test.serial('an autoscaler is told its new least, within its most, and the pods are asked for at once', async (t) => {
  const fixture = await setUp('autoscaled', { isAutoscaled: true });
  t.is(await replicasOf(fixture), 3);
  t.deepEqual(await fixture.size(5), { raised: true });
  t.is(await replicasOf(fixture), 5);
  t.like((await fixture.primaryScaler())['spec'], { minReplicas: 5, maxReplicas: 6 });
  t.deepEqual(await fixture.size(9), { raised: true });
  t.is(await replicasOf(fixture), 6);
  t.like((await fixture.primaryScaler())['spec'], { minReplicas: 6, maxReplicas: 6 });
  t.deepEqual(await fixture.size(9), { raised: false });
});

test.serial('afterwards the least is the autoscaler\u2019s own again, and the pods are its affair', async (t) => {
  const fixture = await setUp('afterwards', { isAutoscaled: true });
  const { canary, scalers, target, namespace, release, primary } = fixture;
  await fixture.size(5);
  t.false(appliesReplicas(await primary()));
  await scalers(canary)?.ensurePrimary(aStep(canary));
  t.is(numberAt(await fixture.primaryScaler(), 'spec', 'minReplicas'), 3);
  // What an autoscaler does, in the eyes of the API server.
  await light.user.mergePatch(
    deployments,
    { namespace, name: 'podinfo-primary' },
    { patch: { spec: { replicas: 4 } } },
  );
  await release();
  await target.scale(aStep(canary), 'running');
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  t.is(await replicasOf(fixture), 4);
});

test.serial('nobody else\u2019s Deployment is made larger', async (t) => {
  const fixture = await setUp('others', { isAutoscaled: false });
  await fixture.edit('podinfo-primary', {
    metadata: {
      ownerReferences: [
        { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'other', uid: 'other', controller: true },
      ],
    },
  });
  t.like(await t.throwsAsync(fixture.size(4)), { name: 'AdapterError', reason: 'invalid' });
});
