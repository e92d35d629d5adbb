/** Canaries that are deleted and made again, and routes that a user lends to one. */
import test from 'ava';
import { arrayAt, valueAt } from '../../platform/json.ts';
import { canaries, deployments, httpRoutesV1, services } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { startDeletionBench } from '../support/deletion-scene.ts';
import type { DeletionBench, Scene } from '../support/deletion-scene.ts';
import { probeTraffic } from '../support/traffic-probe.ts';

let bench: DeletionBench;
test.before(async () => {
  bench = await startDeletionBench();
  await install(bench.cluster.user, await httpRouteDefinition());
});
test.after.always(() => bench.close());

const blueGreen = {
  spec: { provider: 'kubernetes', revertOnDeletion: false },
  analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2 },
};

const again = async ({ namespace }: Scene, options: object): Promise<void> => {
  const analysis = { interval: '1s', metrics: [], ...('analysis' in options ? (options.analysis as object) : {}) };
  await bench.cluster.canary({ namespace, ...options, analysis });
};

test.serial(
  'without revertOnDeletion the target stays parked, and a new Canary makes a working primary of it',
  async (t) => {
    const scene = await bench.scene('parked', blueGreen);
    const { namespace } = scene;
    const ports = [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }];
    const apex = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'podinfo', namespace } };
    await bench.cluster.user.create(services, { ...apex, spec: { selector: { app: 'podinfo' }, ports } });
    await bench.aviary.until(namespace, 'Initialized');
    t.is((await bench.cluster.read(namespace)).metadata.finalizers, undefined);
    await scene.remove();
    await scene.collected();
    t.like(await scene.state(), { replicas: 0, selector: { app: 'podinfo-primary' } }, 'as the reference leaves it');
    await again(scene, { ...blueGreen, spec: { provider: 'kubernetes', revertOnDeletion: true } });
    await bench.aviary.until(namespace, 'Initialized');
    const primary = await scene.find(deployments, 'podinfo-primary');
    t.true(Number(valueAt(primary, 'status', 'availableReplicas')) >= 1);
    await scene.remove();
    await bench.aviary.until(namespace, 'gone');
    t.like(await scene.state(), { replicas: 1, selector: { app: 'podinfo' } }, 'the first state of the apex was kept');
  },
);

test.serial('a Canary that was given back can be made again without a failed request', async (t) => {
  const scene = await bench.scene('again', { ...blueGreen, spec: { provider: 'kubernetes' } });
  const { namespace } = scene;
  await bench.aviary.until(namespace, 'Initialized');
  const probe = probeTraffic(bench.cluster.user, { namespace, apex: 'podinfo' });
  for (let round = 0; round < 2; round += 1) {
    await scene.remove();
    await bench.aviary.until(namespace, 'gone');
    await scene.collected();
    await again(scene, { ...blueGreen, spec: { provider: 'kubernetes', revertOnDeletion: true } });
    await bench.aviary.until(namespace, 'Initialized');
  }
  t.deepEqual(await probe.stop(), []);
});

const adopting = {
  spec: { provider: 'gatewayapi:v1' },
  service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }] },
};

test.serial('a user’s HTTPRoute is lent to the Canary and is afterwards what it was', async (t) => {
  const scene = await bench.scene('lent', adopting);
  const { namespace } = scene;
  const backend = (name: string): object => ({ group: '', kind: 'Service', name, port: 9898 });
  const paths = (value: string): object[] => [{ path: { type: 'PathPrefix', value } }];
  const before = await bench.cluster.user.create(httpRoutesV1, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'podinfo', namespace, labels: { team: 'shop' } },
    spec: {
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' }],
      hostnames: ['shop.test'],
      rules: [
        { matches: paths('/'), backendRefs: [backend('podinfo')] },
        { matches: paths('/cart'), backendRefs: [backend('cart')] },
      ],
    },
  });
  await waitFor({
    what: 'the route to be refused',
    seconds: 30,
    look: async () => ((await bench.aviary.step(namespace)) === 'stopped' ? true : undefined),
  });
  t.deepEqual((await scene.find(httpRoutesV1, 'podinfo'))?.['spec'], before['spec'], 'refused, and left as it is');
  await scene.edit(canaries, 'podinfo', { metadata: { annotations: { 'aviary.dev/adopt': 'true' } } });
  await bench.aviary.until(namespace, 'Initialized');
  await scene.release('podinfo:2');
  await bench.aviary.until(namespace, 'Progressing');
  await bench.aviary.until(namespace, 'Succeeded');
  t.is(arrayAt(await scene.find(httpRoutesV1, 'podinfo'), 'spec', 'rules').length, 2);
  await scene.remove();
  await bench.aviary.until(namespace, 'gone');
  const after = await scene.find(httpRoutesV1, 'podinfo');
  t.deepEqual(after?.['spec'], before['spec']);
  t.deepEqual(after?.metadata.labels, before.metadata.labels);
  t.is(after?.metadata.annotations, undefined);
  t.like(await scene.state(), { selector: { app: 'podinfo' }, replicas: 2 });
});
