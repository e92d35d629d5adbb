/**
 * What each kind of step asks of the Kubernetes API: a route of Kuma, an autoscaler, two tracked ConfigMaps and a Secret. The
 * budget is invariant 14.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { configMaps, deployments, horizontalPodAutoscalers, secrets } from '../../platform/kubernetes/resources.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { asking, expectByWeight, installKuma, requestsIn, startBudgetBench } from '../support/counted-steps.ts';
import type { BudgetBench, CountedStep } from '../support/counted-steps.ts';
import { reaches } from '../support/released-canary.ts';
import { onPerch } from '../support/stand-in-kubelet.ts';

const canary = { namespace: 'budget', name: 'podinfo' };
let bench: BudgetBench;

test.before(async () => {
  bench = await startBudgetBench(async (cluster) => {
    await installKuma(cluster);
    await cluster.namespace(canary.namespace);
  });
});

test.after.always(() => bench?.close());

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
  const { cluster } = bench;
  await deployWithConfigs(bench);
  await reaches(cluster, canary, { phase: 'Initialized', seconds: 90 });
  await bench.untilSteps('settled in Initialized', 4);
  const blue = { patch: { data: { color: 'blue' } } };
  await cluster.user.mergePatch(configMaps, { namespace: canary.namespace, name: 'colors' }, blue);
  await reaches(cluster, canary, { phase: 'Succeeded', seconds: 90 });
  const steps = await bench.untilSteps('settled in Succeeded', 6);
  for (const { kind, requests } of steps) t.log(`${kind}: ${requests.length} ${requests.join(', ')}`);
  const of = (kind: string) => steps.filter((step) => step.kind === kind).map(({ requests }) => requests);

  // The first one scales the target down when its connections have ended.
  t.deepEqual(of('settled in Succeeded').slice(1).flat(), []);
  // The first two note that events have arrived and take the target's pods away when their connections have ended.
  const [begun, atRest] = [of('settled in Initialized').slice(0, 2), of('settled in Initialized').slice(2)];
  t.true(atRest.length >= 2);
  t.deepEqual(atRest.flat(), []);
  const ending = ['patch deployments', 'update canaries/status'];
  const readAgain = begun.flat().filter((request) => !ending.includes(request));
  t.deepEqual(readAgain, [], 'what was read while it was initialized is known');
  expectByWeight(t, of('advanced in Progressing'), stepByWeight);
  expectBootstrap(t, steps);
  expectEnds(t, steps);
});

const status = 'update canaries/status';
const event = 'create events';

/** Nothing is there: each config is hashed, read to be copied, and its copy looked for; each object is written once. */
function expectBootstrap(t: ExecutionContext, steps: readonly CountedStep[]): void {
  const waits = requestsIn(steps, 'initializing in Initializing');
  const done = requestsIn(steps, 'initialized in Initialized');
  const budget = asking({
    'get configmaps': 6,
    'get secrets': 3,
    'patch configmaps': 2,
    'patch secrets': 1,
    // Born with replicas, which are its autoscaler's from then on.
    'patch deployments': 2,
    'patch services': 3,
    'patch horizontalpodautoscalers': 1,
    // Which of Kuma's two dialects this cluster speaks.
    'get customresourcedefinitions': 1,
    'patch meshhttproutes': 1,
    // However many steps wait for the primary's pods; the first one tells of the metrics server, too.
    [status]: waits.length + 1,
    [event]: waits.length + 2,
  });
  const asked = [...waits, ...done].flat().toSorted();
  // A step that knows of none before it makes sure of its Canary first (worker/step/assurance.ts).
  const assured = asked.indexOf('get canaries');
  t.deepEqual(assured < 0 ? asked : asked.toSpliced(assured, 1), budget);
}

/** The steps of a run that no weight is taken in. */
function expectEnds(t: ExecutionContext, steps: readonly CountedStep[]): void {
  const of = (kind: string) => requestsIn(steps, kind);
  const started = asking({ 'get configmaps': 1, 'patch deployments': 1, [status]: 1, [event]: 1 });
  t.deepEqual(of('started in Progressing'), [started], 'of three configs only the one that has changed is read');

  const [promotion, ...waits] = of('promoting in Promoting');
  const copied = asking({
    // The decision, and the phase that it leads to.
    [status]: 2,
    [event]: 1,
    // The target as it is now, and the primary that is to be given its size, which its autoscaler is told first.
    'get deployments': 2,
    'patch deployments': 2,
    'patch horizontalpodautoscalers': 1,
    // Each config and its copy are read, what differs is written.
    'get configmaps': 4,
    'get secrets': 2,
    'patch configmaps': 1,
  });
  t.deepEqual(promotion, copied);
  const wait = asking({ [status]: 1, [event]: 1 });
  t.deepEqual(
    waits,
    Array.from(waits, () => wait),
    'waiting for the primary',
  );
  const unready = of('stopped in Progressing');
  t.deepEqual(
    unready,
    Array.from(unready, () => wait),
    'waiting for the canary',
  );

  t.deepEqual(of('advanced in Finalising'), [stepByWeight.toSorted()], 'the way back is a step by weight');
  // The pods go with the end of the run, or in the step after it when their connections take longer.
  const [after = []] = of('settled in Succeeded');
  const ended = [...of('succeeded in Succeeded').flat(), ...after].toSorted();
  t.deepEqual(ended, asking({ 'patch deployments': 1, [status]: 2, [event]: 1 }));
}

/** A target with an autoscaler that reads two ConfigMaps and a Secret. */
async function deployWithConfigs({ cluster }: BudgetBench): Promise<void> {
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
