/** Canaries that the reference has left in each of its phases, taken over on a real API server with real controllers. */
import test from 'ava';
import { numberAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, deployments, httpRoutesV1, services } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { saidIn } from '../support/aviary-on-cluster.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { startDeletionBench } from '../support/deletion-scene.ts';
import type { DeletionBench } from '../support/deletion-scene.ts';
import { leaveBehind } from '../support/reference-leftovers.ts';
import type { Leftovers } from '../support/reference-leftovers.ts';
import { lostShares, probeTraffic } from '../support/traffic-probe.ts';
import type { Probed } from '../support/traffic-probe.ts';

let bench: DeletionBench;
test.before(async () => {
  bench = await startDeletionBench();
  await install(bench.cluster.user, await httpRouteDefinition());
});
test.after.always(() => bench.close());

const old = 'podinfo:1';
const next = 'podinfo:2';
const parked = { image: old, replicas: 0 };

const get = {
  target: (namespace: string) => bench.cluster.user.get(deployments, { namespace, name: 'podinfo' }),
  primary: (namespace: string) => bench.cluster.user.get(deployments, { namespace, name: 'podinfo-primary' }),
  apex: (namespace: string) => bench.cluster.user.get(services, { namespace, name: 'podinfo' }),
  route: (namespace: string) => bench.cluster.user.get(httpRoutesV1, { namespace, name: 'podinfo' }),
};
const imageOf = (workload: KubernetesObject): unknown =>
  valueAt(workload, 'spec', 'template', 'spec', 'containers', 0, 'image');

const probed = (namespace: string): Probed => ({ namespace, apex: 'podinfo', route: httpRoutesV1 });

/** Leaves it behind and waits until all that has a share of the traffic serves, as it did under the reference. */
async function left(name: string, leftovers: Omit<Leftovers, 'namespace'>): Promise<string> {
  const namespace = await bench.cluster.namespace(name);
  await leaveBehind(bench.cluster.user, { namespace, ...leftovers });
  for (const [workload, replicas] of [
    ['podinfo-primary', 2],
    ['podinfo', leftovers.target.replicas],
  ] as const) {
    await waitFor({
      what: `${workload} to be ready`,
      seconds: 30,
      look: async () => {
        const live = await bench.cluster.user.get(deployments, { namespace, name: workload });
        return (numberAt(live, 'status', 'availableReplicas') ?? 0) === replicas ? true : undefined;
      },
    });
  }
  await waitFor({
    what: 'every share of the route to have endpoints',
    seconds: 30,
    look: async () => ((await lostShares(bench.cluster.user, probed(namespace))).length === 0 ? true : undefined),
  });
  return namespace;
}

const steps = async (namespace: string, count: number): Promise<void> => {
  for (let step = 0; step < count; step += 1) await bench.aviary.step(namespace);
};

for (const phase of ['Initialized', 'Succeeded'] as const) {
  test.serial(`left in ${phase} and unchanged, a Canary is adopted without a run`, async (t) => {
    const namespace = await left(`adopted-${phase.toLowerCase()}`, { phase, target: parked, primary: old });
    const before = (await get.primary(namespace)).metadata.generation;
    await steps(namespace, 5);
    const canary = await bench.cluster.read(namespace);
    t.is(stringAt(canary, 'status', 'phase'), phase);
    t.regex(stringAt(canary, 'status', 'lastAppliedSpec') ?? '', /^v1-/);
    t.is(stringAt(canary, 'status', 'lastPromotedSpec'), stringAt(canary, 'status', 'lastAppliedSpec'));
    t.is((await get.primary(namespace)).metadata.generation, before, 'the primary is not rolled');
    t.is(numberAt(await get.target(namespace), 'spec', 'replicas'), 0);
    t.deepEqual(await saidIn(bench.cluster, namespace), []);
    const { metadata } = await bench.cluster.read(namespace);
    await steps(namespace, 3);
    t.is(
      (await bench.cluster.read(namespace)).metadata.resourceVersion,
      metadata.resourceVersion,
      'nothing more is written',
    );
  });
}

test.serial('a release of the time in between is run', async (t) => {
  const namespace = await left('released', { phase: 'Succeeded', target: { image: next, replicas: 0 }, primary: old });
  const probe = probeTraffic(bench.cluster.user, probed(namespace));
  await steps(namespace, 1);
  await bench.aviary.until(namespace, 'Progressing');
  await bench.aviary.until(namespace, 'Succeeded');
  t.is(imageOf(await get.primary(namespace)), next);
  t.deepEqual(await probe.stop(), []);
});

const running: readonly (readonly [string, Partial<Leftovers>])[] = [
  ['Progressing', { weight: 40 }],
  ['WaitingPromotion', { weight: 40, status: { canaryWeight: 0, iterations: -1 } }],
  ['Promoting', { weight: 40 }],
  ['Finalising', {}],
];

for (const [phase, more] of running) {
  test.serial(`left in ${phase}, a Canary is restarted, and no traffic is lost`, async (t) => {
    const target = { image: next, replicas: 2 };
    const namespace = await left(`restarted-${phase.toLowerCase()}`, { phase, target, primary: old, ...more });
    const probe = probeTraffic(bench.cluster.user, probed(namespace));
    await steps(namespace, 1);
    t.is(stringAt(await bench.cluster.read(namespace), 'status', 'phase'), 'Progressing');
    t.true(
      (await saidIn(bench.cluster, namespace)).includes(
        `New revision detected! Restarting analysis for podinfo.${namespace}: 1`,
      ),
    );
    await bench.aviary.until(namespace, 'Succeeded');
    t.is(imageOf(await get.primary(namespace)), next);
    t.deepEqual(await probe.stop(), []);
  });
}

test.serial('left in Waiting, a Canary that no gate holds up any more runs', async (t) => {
  const namespace = await left('waiting', { phase: 'Waiting', target: { image: next, replicas: 0 }, primary: old });
  await bench.aviary.until(namespace, 'Succeeded');
  t.is(imageOf(await get.primary(namespace)), next);
});

test.serial('left in Initializing, a Canary is initialized, and its target serves until then', async (t) => {
  const target = { image: old, replicas: 2 };
  const status = { lastAppliedSpec: '', lastPromotedSpec: '' };
  const namespace = await left('initializing', { phase: 'Initializing', target, primary: old, status });
  const probe = probeTraffic(bench.cluster.user, probed(namespace));
  await bench.aviary.until(namespace, 'Initialized');
  t.is(numberAt(await get.target(namespace), 'spec', 'replicas'), 0);
  t.deepEqual(await probe.stop(), []);
});

test.serial('left in Failed, the revision that failed is not run again, and the next one is', async (t) => {
  const target = { image: 'podinfo:bad', replicas: 0 };
  const namespace = await left('failed', { phase: 'Failed', target, primary: old });
  await steps(namespace, 5);
  const canary = await bench.cluster.read(namespace);
  t.is(stringAt(canary, 'status', 'phase'), 'Failed');
  t.regex(stringAt(canary, 'status', 'lastAppliedSpec') ?? '', /^v1-/);
  t.deepEqual(await saidIn(bench.cluster, namespace), []);
  const containers = [
    { name: 'podinfo', image: next, ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }] },
  ];
  const patch = { spec: { template: { spec: { containers } } } };
  await bench.cluster.user.mergePatch(deployments, { namespace, name: 'podinfo' }, { patch });
  await bench.aviary.until(namespace, 'Succeeded');
  t.is(imageOf(await get.primary(namespace)), next);
});

test.serial('a failed promotion of the reference keeps its traffic until its primary is ready', async (t) => {
  const target = { image: next, replicas: 2 };
  const namespace = await left('failed-promotion', { phase: 'Failed', target, primary: next, weight: 100 });
  const probe = probeTraffic(bench.cluster.user, probed(namespace));
  await bench.aviary.until(namespace, 'Succeeded');
  t.deepEqual(await probe.stop(), []);
  t.is(imageOf(await get.primary(namespace)), next);
});

test.serial(
  'apex and route that the reference took over from users count as the Canary’s, and come back',
  async (t) => {
    const namespace = await left('taken', { phase: 'Succeeded', target: parked, primary: old, isTakenOver: true });
    const patch = { spec: { revertOnDeletion: true } };
    await bench.cluster.user.mergePatch(canaries, { namespace, name: 'podinfo' }, { patch });
    await steps(namespace, 3);
    t.is(stringAt(await bench.cluster.read(namespace), 'status', 'phase'), 'Succeeded');
    t.deepEqual(await saidIn(bench.cluster, namespace), [], 'no conflict over the route');
    await bench.cluster.user.delete(canaries, { namespace, name: 'podinfo' });
    await bench.aviary.until(namespace, 'gone');
    t.deepEqual(valueAt(await get.apex(namespace), 'spec', 'selector'), { app: 'podinfo' });
    const route = await get.route(namespace);
    t.is(valueAt(route, 'spec', 'rules', 0, 'backendRefs', 0, 'name'), 'podinfo');
    t.is(route.metadata.annotations, undefined);
  },
);
