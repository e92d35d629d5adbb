/**
 * A canary at rest costs its worker a comparison of versions. Real scheduler and worker, a real API server: what happens to
 * its objects meanwhile is put right by its next step all the same, also where nothing wakes it.
 */
import test from 'ava';
import { numberAt } from '../../platform/json.ts';
import { configMaps, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import { createGuard } from '../../sandbox/guard.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { settingsOn, startProcess } from '../support/aviary-process.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { install, kumaDefinition, meshHttpRouteV2 } from '../support/definitions.ts';
import { reaches } from '../support/released-canary.ts';
import { onPerch, startStandInKubelet } from '../support/stand-in-kubelet.ts';
import type { StandInKubelet } from '../support/stand-in-kubelet.ts';
import { find } from '../support/stored-object.ts';

const podinfo = { namespace: 'rests', name: 'podinfo' };
const guard = createGuard();
let cluster: CanaryCluster;
let kubelet: StandInKubelet;
let worker: AviaryProcess;
let scheduler: AviaryProcess;

test.before(async () => {
  cluster = await startCanaryCluster({ controllerManager: true });
  await install(cluster.user, meshHttpRouteV2());
  await install(cluster.user, kumaDefinition({ kind: 'Mesh', plural: 'meshes', scope: 'Cluster' }));
  await install(cluster.user, kumaDefinition({ kind: 'TrafficRoute', plural: 'trafficroutes', scope: 'Cluster' }));
  await cluster.namespace(podinfo.namespace);
  kubelet = await startStandInKubelet(cluster.user);
  const env = { ...settingsOn(cluster, 'rests'), TICK_INTERVAL: '1s', DRAIN_DELAY: '1s' };
  scheduler = startProcess({ program: 'scheduler', env, guard });
  worker = startProcess({ program: 'worker', env, guard });
});

test.after.always(async () => {
  worker?.kill('SIGKILL');
  scheduler?.kill('SIGKILL');
  await guard.release();
  await kubelet?.stop();
  await cluster?.close();
});

/** Steps so far that only compared versions. */
const rested = (): number => worker.lines().filter(({ unchanged }) => unchanged === true).length;

async function rests(): Promise<void> {
  const before = rested();
  await waitFor({ what: 'three steps at rest', seconds: 30, look: () => (rested() >= before + 3 ? true : undefined) });
}

const until = (what: string, holds: () => Promise<boolean>): Promise<true> =>
  waitFor({ what, seconds: 20, every: 100, look: async () => ((await holds()) ? true : undefined) });

test('what is done to the objects of a canary at rest is put right, and a revision is never overlooked', async (t) => {
  t.timeout(240_000);
  const { user } = cluster;
  const colors = { namespace: podinfo.namespace, name: 'colors' };
  await user.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: colors, data: { color: 'red' } });
  const container = { envFrom: [{ configMapRef: { name: 'colors' } }] };
  await user.create(deployments, aDeployment({ ...podinfo, podSpec: onPerch, container }));
  const analysis = { interval: '1s', threshold: 5, stepWeight: 25, maxWeight: 50 };
  await cluster.canary({ ...podinfo, spec: { provider: 'kuma', analysis } });
  await reaches(cluster, podinfo, { phase: 'Initialized', seconds: 90 });
  await rests();

  const primary = { ...podinfo, name: 'podinfo-primary' };
  for (const [resource, name] of [
    [services, primary],
    [meshHttpRoutes, podinfo],
  ] as const) {
    await user.delete(resource, name);
    await until(
      `${resource.kind} ${name.name} to be back`,
      async () => (await find(user, resource, name)) !== undefined,
    );
    await rests();
  }

  await user.mergePatch(services, podinfo, { patch: { spec: { selector: { app: 'nobody' } } } });
  await until('the apex Service to select the primary again', async () => {
    const { spec } = await user.get(services, podinfo);
    return JSON.stringify(spec).includes('"app":"podinfo-primary"');
  });
  await rests();

  await user.mergePatch(configMaps, colors, { patch: { data: { color: 'blue' } } });
  await reaches(cluster, podinfo, { phase: 'Succeeded', seconds: 60 });
  await rests();

  // Nobody is left who wakes a canary: what stands in the queue has to be enough.
  scheduler.kill('SIGKILL');
  await user.mergePatch(deployments, podinfo, { patch: { spec: { template: { metadata: { labels: { v: '2' } } } } } });
  await reaches(cluster, podinfo, { phase: 'Progressing', seconds: 30 });
  await until('the canary to have pods', async () => {
    return (numberAt(await user.get(deployments, podinfo), 'spec', 'replicas') ?? 0) > 0;
  });
  t.deepEqual(
    worker.lines().filter(({ msg }) => msg === 'step failed'),
    [],
  );
});
