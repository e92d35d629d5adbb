/** A Canary with revertOnDeletion is deleted in each phase, on a real API server with real controllers. */
import test from 'ava';
import { canaries, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import type { CanaryOptions } from '../support/a-canary.ts';
import { saidIn } from '../support/aviary-on-cluster.ts';
import { install, meshHttpRouteV2 } from '../support/definitions.ts';
import { shutGate, startDeletionBench } from '../support/deletion-scene.ts';
import type { DeletionBench, Scene } from '../support/deletion-scene.ts';
import { probeTraffic } from '../support/traffic-probe.ts';

let bench: DeletionBench;
test.before(async () => {
  bench = await startDeletionBench();
  await install(bench.cluster.user, meshHttpRouteV2());
});
test.after.always(() => bench.close());

interface Way {
  readonly phase: string;
  readonly options?: CanaryOptions;
  /** The image that is released after Initialized. */
  readonly image?: string;
  /** Its primary has no pods at all while it is broken: then only what comes after counts. */
  readonly isRecreated?: boolean;
  /** Steps that are taken in the phase before the deletion: until there is traffic on the canary. */
  readonly steps?: number;
}

const ways: readonly Way[] = [
  { phase: 'Initialized' },
  {
    phase: 'Waiting',
    image: 'podinfo:2',
    options: { analysis: shutGate('confirm-rollout') as Record<string, unknown> },
  },
  { phase: 'Progressing', image: 'podinfo:2', steps: 3 },
  {
    phase: 'WaitingPromotion',
    image: 'podinfo:2',
    options: { analysis: shutGate('confirm-promotion') as Record<string, unknown> },
  },
  { phase: 'Promoting', image: 'podinfo:2' },
  { phase: 'Finalising', image: 'podinfo:2' },
  { phase: 'Succeeded', image: 'podinfo:2' },
  {
    phase: 'Failed',
    image: 'podinfo:broken-primary',
    options: { spec: { progressDeadlineSeconds: 90 } },
    isRecreated: true,
  },
];

async function isBack(scene: Scene): Promise<unknown> {
  return { ...(await scene.state()), route: await scene.find(meshHttpRoutes, 'podinfo') };
}

const recreated = { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } };
const back = { selector: { app: 'podinfo' }, replicas: 2, owners: [], route: undefined };

for (const { phase, image, options = {}, steps = 0, isRecreated = false } of ways) {
  test.serial(`deleted in ${phase}, the target has its traffic back and nothing was lost on the way`, async (t) => {
    const { aviary, cluster } = bench;
    const scene = await bench.scene(`in-${phase.toLowerCase()}`, options);
    const { namespace } = scene;
    await aviary.until(namespace, 'Initialized');
    const begin = () => probeTraffic(cluster.user, { namespace, apex: 'podinfo', route: meshHttpRoutes });
    const early = isRecreated ? undefined : begin();
    if (isRecreated) await scene.edit(deployments, 'podinfo', recreated);
    if (image !== undefined) await scene.release(image);
    await aviary.until(namespace, phase);
    for (let step = 0; step < steps; step += 1) await aviary.step(namespace);
    const probe = early ?? begin();
    await scene.remove();
    await aviary.until(namespace, 'gone');
    await scene.collected();
    t.deepEqual(await probe.stop(), []);
    t.deepEqual(await isBack(scene), back);
    const said = await saidIn(cluster, namespace);
    t.true(said.includes(`Terminating canary podinfo.${namespace}: 1`));
    t.true(said.includes(`Terminated canary podinfo.${namespace}: 1`));
  });
}

test.serial('deleted before the primary was ready, a user’s own apex never left the target', async (t) => {
  const { aviary, cluster } = bench;
  const scene = await bench.scene('in-initializing');
  const { namespace } = scene;
  const ports = [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }];
  const apex = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'podinfo', namespace } };
  const made = await cluster.user.create(services, { ...apex, spec: { selector: { app: 'podinfo' }, ports } });
  t.is(await aviary.step(namespace), 'initializing');
  await scene.remove();
  await aviary.until(namespace, 'gone');
  await scene.collected();
  const left = await scene.find(services, 'podinfo');
  t.is(left?.metadata.resourceVersion, made.metadata.resourceVersion, 'what was never taken over is not written');
  t.like(await scene.state(), { selector: { app: 'podinfo' }, replicas: 2 });
});

test.serial('suspended, a Canary can be deleted all the same', async (t) => {
  const { aviary } = bench;
  const scene = await bench.scene('in-suspension');
  await aviary.until(scene.namespace, 'Initialized');
  await scene.edit(canaries, 'podinfo', { spec: { suspend: true } });
  t.is(await aviary.step(scene.namespace), 'suspended');
  await scene.remove();
  await aviary.until(scene.namespace, 'gone');
  await scene.collected();
  t.deepEqual(await isBack(scene), back);
});
