import test from 'ava';
import { numberAt, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { scaledObjects } from '../../platform/kubernetes/resources.ts';
import { aStep } from '../support/a-step.ts';
import { install, scaledObjectDefinition } from '../support/definitions.ts';
import { aDeploymentTarget } from '../support/deployment-target.ts';
import type { DeploymentFixture } from '../support/deployment-target.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await install(light.user, await scaledObjectDefinition());
});
test.after.always(() => light.close());

const spec = { autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo' } };
const paused = 'autoscaling.keda.sh/paused-replicas';

async function setUp(name: string, metadata: JsonRecord = {}): Promise<DeploymentFixture> {
  const fixture = await aDeploymentTarget(light, `keda-${name}`, { spec });
  const { namespace } = fixture;
  await light.user.create(scaledObjects, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'podinfo', namespace, ...metadata },
    spec: {
      scaleTargetRef: { name: 'podinfo' },
      minReplicaCount: 3,
      maxReplicaCount: 6,
      triggers: [
        { type: 'prometheus', name: 'load', metadata: { serverAddress: 'http://p', query: 'x{app="podinfo"}' } },
      ],
    },
  });
  return fixture;
}

const scalerOf = ({ scalers, canary }: DeploymentFixture) => {
  const scaler = scalers(canary);
  if (scaler === undefined) throw new Error('expected an adapter for ScaledObjects');
  return scaler;
};

const read = ({ namespace }: DeploymentFixture, name: string): Promise<KubernetesObject> =>
  light.user.get(scaledObjects, { namespace, name });

test.serial('the primary has a ScaledObject of its own, made once and followed', async (t) => {
  const fixture = await setUp('made');
  const { canary, requests, namespace } = fixture;
  const scaler = scalerOf(fixture);
  await scaler.ensurePrimary(aStep(canary));
  const made = await read(fixture, 'podinfo-primary');
  t.is(stringAt(made, 'spec', 'scaleTargetRef', 'name'), 'podinfo-primary');
  t.is(stringAt(made, 'metadata', 'ownerReferences', 0, 'kind'), 'Canary');
  const before = requests.length;
  await scaler.ensurePrimary(aStep(canary));
  t.deepEqual(writesAmong(requests.slice(before)), []);

  const patch = { metadata: { labels: { team: 'web' } }, spec: { maxReplicaCount: 9, pollingInterval: 7 } };
  await light.user.mergePatch(scaledObjects, { namespace, name: 'podinfo' }, { patch });
  await scaler.ensurePrimary(aStep(canary));
  t.like(await read(fixture, 'podinfo-primary'), {
    metadata: { labels: { team: 'web' } },
    spec: { maxReplicaCount: 9, pollingInterval: 7 },
  });
});

test.serial('the size that a primary is held to is taken back again', async (t) => {
  const fixture = await setUp('held');
  const scaler = scalerOf(fixture);
  const least = async () => numberAt(await read(fixture, 'podinfo-primary'), 'spec', 'minReplicaCount');
  await scaler.ensurePrimary(aStep(fixture.canary), 5);
  t.is(await least(), 5);
  await scaler.ensurePrimary(aStep(fixture.canary));
  t.is(await least(), 3);
});

test.serial('pause and resume touch the one annotation, and only when it changes', async (t) => {
  const fixture = await setUp('paused', { annotations: { note: 'kept' } });
  const { canary, requests } = fixture;
  const scaler = scalerOf(fixture);
  const annotations = async () => (await read(fixture, 'podinfo')).metadata.annotations;
  for (const [pause, expected] of [
    [true, { note: 'kept', [paused]: '0' }],
    [false, { note: 'kept' }],
  ] as const) {
    const act = () => (pause ? scaler.pause(aStep(canary)) : scaler.resume(aStep(canary)));
    await act();
    t.deepEqual(await annotations(), expected);
    const before = requests.length;
    await act();
    t.deepEqual(writesAmong(requests.slice(before)), []);
  }
});

test.serial('a primary made of a paused ScaledObject runs, and one that somebody paused is resumed', async (t) => {
  const fixture = await setUp('unpaused', { annotations: { [paused]: '0' } });
  const { canary, namespace } = fixture;
  const scaler = scalerOf(fixture);
  await scaler.ensurePrimary(aStep(canary));
  t.is((await read(fixture, 'podinfo-primary')).metadata.annotations?.[paused], undefined);
  const patch = { metadata: { annotations: { [paused]: '0' } } };
  await light.user.mergePatch(scaledObjects, { namespace, name: 'podinfo-primary' }, { patch });
  await scaler.ensurePrimary(aStep(canary));
  t.is((await read(fixture, 'podinfo-primary')).metadata.annotations?.[paused], undefined);
  t.is((await read(fixture, 'podinfo')).metadata.annotations?.[paused], '0', 'the target stays paused');
});

test.serial('a ScaledObject that is missing is told by its name', async (t) => {
  const fixture = await aDeploymentTarget(light, 'keda-missing', { spec });
  t.like(await t.throwsAsync(scalerOf(fixture).ensurePrimary(aStep(fixture.canary))), {
    reason: 'notFound',
    message: 'ScaledObject podinfo.target-keda-missing get query error: there is no such object',
  });
});

test.serial('a target at zero is scaled up to the least of its ScaledObject', async (t) => {
  const fixture = await setUp('woken');
  t.is(await scalerOf(fixture).minReplicas(aStep(fixture.canary)), 3);
  await fixture.target.scale(aStep(fixture.canary), 'zero');
  await fixture.target.scale(aStep(fixture.canary), 'running');
  t.is((await fixture.target.observe(aStep(fixture.canary))).target.replicas, 3);
});
