/** Whatever is gone, broken, refused or held by others: a Canary can be deleted, and a namespace too. */
import test from 'ava';
import { stringAt } from '../../platform/json.ts';
import { canaries, deployments, meshHttpRoutes, namespaces, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { saidIn } from '../support/aviary-on-cluster.ts';
import { install, meshHttpRouteV2 } from '../support/definitions.ts';
import { startDeletionBench } from '../support/deletion-scene.ts';
import type { DeletionBench, Scene } from '../support/deletion-scene.ts';
import { conditionOf, find } from '../support/stored-object.ts';
import { probeTraffic } from '../support/traffic-probe.ts';

let bench: DeletionBench;
test.before(async () => {
  bench = await startDeletionBench();
  await install(bench.cluster.user, meshHttpRouteV2());
});
test.after.always(() => bench.close());

async function initialized(name: string, options: Parameters<DeletionBench['scene']>[1] = {}): Promise<Scene> {
  const scene = await bench.scene(name, options);
  await bench.aviary.until(name, 'Initialized');
  return scene;
}

const finalizersOf = async (scene: Scene): Promise<readonly string[] | undefined> =>
  (await scene.find(canaries, 'podinfo'))?.metadata.finalizers;

const ours = 'finalizer.flagger.app';

const gone: readonly (readonly [string, Resource, string])[] = [
  ['its route', meshHttpRoutes, 'podinfo'],
  ['its apex', services, 'podinfo'],
  ['the Service of its primary', services, 'podinfo-primary'],
  ['the Service of its canary', services, 'podinfo-canary'],
  ['its primary', deployments, 'podinfo-primary'],
];

for (const [what, resource, name] of gone) {
  test.serial(`a Canary goes although ${what} is gone already`, async (t) => {
    const { namespace, ...scene } = await initialized(`without-${resource.plural}-${name}`);
    await bench.cluster.user.delete(resource, { namespace, name });
    await waitFor({
      what: `${name} to be gone`,
      seconds: 20,
      look: async () => ((await scene.find(resource, name)) === undefined ? true : undefined),
    });
    await scene.remove();
    await bench.aviary.until(namespace, 'gone');
    const { replicas = 0, selector } = await scene.state();
    t.true(replicas > 0);
    t.deepEqual(selector, what === 'its apex' ? undefined : { app: 'podinfo' });
  });
}

test.serial('a Canary whose target is gone goes at once', async (t) => {
  const { namespace, ...scene } = await initialized('without-target');
  await bench.cluster.user.delete(deployments, { namespace, name: 'podinfo' });
  await scene.remove();
  t.is(await bench.aviary.step(namespace), 'terminating');
  t.is(await bench.aviary.step(namespace), 'terminated');
  t.is(await scene.find(canaries, 'podinfo'), undefined);
});

test.serial('a namespace can be deleted in mid-run', async (t) => {
  const { namespace, ...scene } = await initialized('leaving');
  await scene.release('podinfo:2');
  await bench.aviary.until(namespace, 'Progressing');
  await bench.cluster.user.delete(namespaces, { name: namespace });
  await waitFor({
    what: 'the Canary to be deleted with its namespace',
    seconds: 30,
    look: async () => (await scene.find(canaries, 'podinfo'))?.metadata.deletionTimestamp,
  });
  t.is(await bench.aviary.step(namespace), 'terminated');
  await waitFor({
    what: 'the namespace to be gone',
    seconds: 60,
    look: async () => {
      const found = await find(bench.cluster.user, namespaces, { name: namespace });
      return found === undefined ? true : undefined;
    },
  });
});

test.serial(
  'a target that never is ready leaves the traffic where it is and says how to let the Canary go',
  async (t) => {
    const { namespace, ...scene } = await initialized('broken');
    await scene.edit(canaries, 'podinfo', { spec: { progressDeadlineSeconds: 20 } });
    await scene.release('podinfo:broken');
    const probe = probeTraffic(bench.cluster.user, { namespace, apex: 'podinfo', route: meshHttpRoutes });
    await scene.remove();
    const message = await waitFor({
      what: 'the Canary to be stalled',
      seconds: 60,
      look: async () => {
        await bench.aviary.step(namespace);
        return stringAt(conditionOf(await scene.find(canaries, 'podinfo'), 'Stalled'), 'message');
      },
    });
    t.regex(message, /^canary deployment podinfo\.broken not ready: .*set spec\.revertOnDeletion to false$/);
    t.deepEqual(await probe.stop(), []);
    t.true((await scene.find(meshHttpRoutes, 'podinfo')) !== undefined);
    await scene.edit(canaries, 'podinfo', { spec: { revertOnDeletion: false } });
    t.is(await bench.aviary.step(namespace), 'terminated');
    t.is(await scene.find(canaries, 'podinfo'), undefined);
  },
);

test.serial('the finalizer comes and goes with revertOnDeletion, and those of others stay', async (t) => {
  const { namespace, ...scene } = await initialized('toggled');
  t.deepEqual(await finalizersOf({ namespace, ...scene }), [ours]);
  await scene.edit(canaries, 'podinfo', { metadata: { finalizers: ['others.example/wait', ours] } });
  await scene.edit(canaries, 'podinfo', { spec: { revertOnDeletion: false } });
  await bench.aviary.step(namespace);
  t.deepEqual(await finalizersOf({ namespace, ...scene }), ['others.example/wait']);
  await scene.remove();
  const { metadata } = await bench.cluster.read(namespace);
  t.is(await bench.aviary.step(namespace), 'stopped');
  t.is((await bench.cluster.read(namespace)).metadata.resourceVersion, metadata.resourceVersion, 'nothing is written');
  await scene.edit(canaries, 'podinfo', { metadata: { finalizers: null } });
});

test.serial('another finalizer does not hold ours back, nor ours it', async (t) => {
  const { namespace, ...scene } = await initialized('held');
  await scene.edit(canaries, 'podinfo', { metadata: { finalizers: [ours, 'others.example/wait'] } });
  await scene.remove();
  await waitFor({
    what: 'our finalizer to be gone',
    seconds: 30,
    look: async () => {
      await bench.aviary.step(namespace);
      return (await finalizersOf({ namespace, ...scene }))?.includes(ours) === false ? true : undefined;
    },
  });
  t.deepEqual(await finalizersOf({ namespace, ...scene }), ['others.example/wait']);
  t.deepEqual(await scene.state(), { selector: { app: 'podinfo' }, replicas: 2, owners: [] });
  await scene.edit(canaries, 'podinfo', { metadata: { finalizers: null } });
});

for (const cascade of ['Foreground', 'Orphan'] as const) {
  test.serial(`a Canary goes when it is deleted with propagation ${cascade}`, async (t) => {
    const { namespace, ...scene } = await initialized(`cascade-${cascade.toLowerCase()}`);
    await scene.remove(cascade);
    await bench.aviary.until(namespace, 'gone');
    const { replicas = 0, selector } = await scene.state();
    t.true(replicas > 0);
    // In the foreground Kubernetes removes what the Canary owns before anybody else may act.
    t.true(selector === undefined ? cascade === 'Foreground' : stringAt(selector, 'app') === 'podinfo');
  });
}

const refusals = {
  'an invalid spec': { analysis: { maxWeight: 150 } },
  'a provider without a router': { provider: 'appmesh' },
} as const;

for (const [what, spec] of Object.entries(refusals)) {
  test.serial(`a Canary with ${what} goes, and its target serves again`, async (t) => {
    const { namespace, ...scene } = await initialized(`refused-${what.split(' ').at(-1)}`);
    await scene.edit(canaries, 'podinfo', { spec });
    t.is(await bench.aviary.step(namespace), 'invalid');
    await scene.remove();
    await bench.aviary.until(namespace, 'gone');
    t.deepEqual(await scene.state(), { selector: { app: 'podinfo' }, replicas: 2, owners: [] });
    const said = await saidIn(bench.cluster, namespace);
    t.is(
      said.some((text) => text.startsWith(`Deletion of podinfo.${namespace} leaves behind what it can't restore`)),
      'provider' in spec,
    );
  });
}

test.serial('a Canary whose target belongs to an older one goes and touches nothing of it', async (t) => {
  const { namespace, ...scene } = await initialized('rival');
  const finalizers = [ours];
  await bench.cluster.canary({ namespace, name: 'rival', analysis: { interval: '1s' } });
  await scene.edit(canaries, 'rival', {
    metadata: { finalizers },
    spec: { ...targetOf('podinfo'), revertOnDeletion: true },
  });
  await waitFor({
    what: 'the rival to be refused',
    seconds: 20,
    look: async () => ((await bench.aviary.step(namespace, 'rival')) === 'invalid' ? true : undefined),
  });
  const before = await scene.state();
  await bench.cluster.user.delete(canaries, { namespace, name: 'rival' });
  t.is(await bench.aviary.step(namespace, 'rival'), 'terminated');
  t.deepEqual(await scene.state(), before);
  const said = await saidIn(bench.cluster, namespace);
  t.true(
    said.some((text) => text.startsWith('deleted without giving anything back: Deployment podinfo.rival is already')),
  );
});

const targetOf = (name: string): object => ({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } });
