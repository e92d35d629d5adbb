/**
 * What each kind of step asks of the Kubernetes API, counted in the API server's own audit log: real scheduler and worker,
 * real controllers, two tracked ConfigMaps and a Secret. The budget is invariant 14.
 */
import test from 'ava';
import { createGuard } from '../../sandbox/guard.ts';
import { silentLogger as log } from '../../platform/logger.ts';
import { createRedis } from '../../platform/redis.ts';
import { configMaps, deployments, horizontalPodAutoscalers, secrets } from '../../platform/resources.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { settingsOn, startProcess } from '../support/aviary-process.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';
import { requestsOf } from '../support/audit-log.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { install, kumaDefinition, meshHttpRouteV2 } from '../support/definitions.ts';
import { reaches } from '../support/released-canary.ts';
import { onPerch, startStandInKubelet } from '../support/stand-in-kubelet.ts';
import type { StandInKubelet } from '../support/stand-in-kubelet.ts';

const prefix = 'budget';
const canary = { namespace: 'budget', name: 'podinfo' };
const guard = createGuard();
const processes: AviaryProcess[] = [];
let cluster: CanaryCluster;
let kubelet: StandInKubelet;

test.before(async () => {
  cluster = await startCanaryCluster({ controllerManager: true, audit: true });
  await install(cluster.user, meshHttpRouteV2());
  await install(cluster.user, kumaDefinition({ kind: 'Mesh', plural: 'meshes', scope: 'Cluster' }));
  await install(cluster.user, kumaDefinition({ kind: 'TrafficRoute', plural: 'trafficroutes', scope: 'Cluster' }));
  await cluster.namespace(canary.namespace);
  kubelet = await startStandInKubelet(cluster.user);
  const env = { ...settingsOn(cluster, prefix), TICK_INTERVAL: '1s', DRAIN_DELAY: '1s' };
  for (const program of ['scheduler', 'worker'] as const) processes.push(startProcess({ program, env, guard }));
});

test.after.always(async () => {
  for (const process of processes) process.kill('SIGKILL');
  await guard.release();
  await kubelet?.stop();
  await cluster?.close();
});

interface CountedStep {
  /** Outcome and phase, as `settled in Succeeded`. */
  readonly kind: string;
  readonly requests: readonly string[];
}

/** The steps that have ended so far, each with what the worker asked for while it ran. */
async function countedSteps(): Promise<readonly CountedStep[]> {
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'producer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix: `{${prefix}}`, log });
  try {
    const jobs = (await queue.getCompleted()).toSorted((a, b) => (a.processedOn ?? 0) - (b.processedOn ?? 0));
    const requests = await requestsOf(cluster.light, 'aviary-worker');
    return jobs.map(({ returnvalue: report, processedOn = 0, finishedOn = 0 }) => ({
      kind: report.reason ?? `${report.outcome} in ${report.phase}`,
      requests: requests.filter(({ at }) => at >= processedOn && at <= finishedOn).map(({ what }) => what),
    }));
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

const config = (kind: string, name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: canary.namespace },
  data,
});

/** Whatever is asked for beyond these belongs to the ends of a run, not to its steps. */
const stepByWeight = ['patch meshhttproutes', 'update canaries/status', 'create events'];

test('a settled step asks nothing of the API server, a step by weight for route, status and event', async (t) => {
  t.timeout(180_000);
  await deployWithConfigs();
  await reaches(cluster, canary, { phase: 'Initialized', seconds: 90 });
  const blue = { patch: { data: { color: 'blue' } } };
  await cluster.user.mergePatch(configMaps, { namespace: canary.namespace, name: 'colors' }, blue);
  await reaches(cluster, canary, { phase: 'Succeeded', seconds: 90 });
  const steps = await waitFor({
    what: 'five settled steps after the run',
    seconds: 30,
    look: async () => {
      const all = await countedSteps();
      return all.filter(({ kind }) => kind === 'settled in Succeeded').length >= 6 ? all : undefined;
    },
  });
  for (const { kind, requests } of steps) t.log(`${kind}: ${requests.length} ${requests.join(', ')}`);
  const of = (kind: string) => steps.filter((step) => step.kind === kind).map(({ requests }) => requests);

  // The first one scales the target down when its connections have ended.
  t.deepEqual(of('settled in Succeeded').slice(1).flat(), []);
  t.true(of('settled in Initialized').flat().length === 0, 'what was read while it was initialized is known');
  const advanced = of('advanced in Progressing');
  t.is(advanced.length, 5);
  t.deepEqual(
    advanced.slice(1),
    [20, 30, 40, 50].map(() => stepByWeight),
  );
  t.deepEqual(advanced[0]?.toSorted(), [...stepByWeight, 'create events'].toSorted(), 'it tells of two things');
});

/** A target with an autoscaler that reads two ConfigMaps and a Secret. */
async function deployWithConfigs(): Promise<void> {
  const { namespace, name } = canary;
  await cluster.user.create(configMaps, config('ConfigMap', 'colors', { color: 'red' }));
  await cluster.user.create(configMaps, config('ConfigMap', 'limits', { most: '10' }));
  await cluster.user.create(secrets, config('Secret', 'tokens', { token: 'dGVzdA==' }));
  const from = (kind: string, source: string) => ({ [`${kind}Ref`]: { name: source } });
  const envFrom = [from('configMap', 'colors'), from('configMap', 'limits'), from('secret', 'tokens')];
  await cluster.user.create(deployments, aDeployment({ ...canary, podSpec: onPerch, container: { envFrom } }));
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  await cluster.user.create(horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3 },
  });
  await cluster.canary({
    ...canary,
    spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name } },
    analysis: { interval: '1s', threshold: 2, stepWeight: 10, maxWeight: 50 },
  });
}
