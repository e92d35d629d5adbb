import test from 'ava';
import { planText } from '../../sandbox/demo/in-own-cluster.ts';
import { otherWays } from '../../sandbox/demo/other-ways.ts';
import { readManifest } from '../../sandbox/story/example.ts';
import {
  defaultMetricsServer,
  openGround,
  ownShortStory,
  proxyPath,
  removal,
  requireReady,
  variablesOf,
  withMetricsServer,
} from '../../sandbox/story/own-cluster.ts';
import { troubleOf, waitForRollouts } from '../../sandbox/story/pods.ts';
import type { StoryGround } from '../../sandbox/story/running-story.ts';

/** Answers by the first pattern that the command line matches. */
const groundThatSays = (answers: readonly (readonly [RegExp, string])[]): StoryGround => ({
  kubectl: (args) => Promise.resolve(answers.find(([pattern]) => pattern.test(args.join(' ')))?.[1] ?? ''),
});

test('a kubeconfig that is not there is named before anything runs', (t) => {
  t.throws(() => openGround('/nowhere/config'), {
    message: "--kubeconfig: expected a file, found none at '/nowhere/config'",
  });
});

test('a cluster without Kuma is refused with what would help', async (t) => {
  await t.throwsAsync(requireReady(groundThatSays([])), { message: /expected Kuma .*kumactl install control-plane/ });
});

test('a cluster that holds an earlier story is refused with the commands that take it away', async (t) => {
  const ground = groundThatSays([
    [/get crd/, 'customresourcedefinition.apiextensions.k8s.io/meshhttproutes.kuma.io\n'],
    [/get deployment podinfo/, 'deployment.apps/podinfo\n'],
  ]);
  const error = await t.throwsAsync(requireReady(ground), { message: /expected no podinfo yet, found one/ });
  t.true(error.message.endsWith(removal));
});

test('a cluster with Kuma and without podinfo is ready', async (t) => {
  await t.notThrowsAsync(requireReady(groundThatSays([[/get crd/, 'meshhttproutes.kuma.io']])));
});

test("Aviary's settings get another Prometheus and nothing else changes", async (t) => {
  const [settings] = await readManifest(process.cwd(), 'settings.yaml');
  if (settings === undefined) throw new Error('expected settings, found none');
  const changed = withMetricsServer(settings, 'http://prometheus.monitoring');
  t.deepEqual(changed, {
    ...settings,
    data: { ...(settings['data'] as object), METRICS_SERVER: 'http://prometheus.monitoring' },
  });
  t.is(withMetricsServer(settings, undefined), settings);
  t.is(await defaultMetricsServer(process.cwd()), 'http://prometheus.aviary-system:9090');
});

test('Prometheus inside the cluster is asked through the API server, one elsewhere is not', (t) => {
  const path = '/api/v1/namespaces/monitoring/services/prometheus';
  t.is(proxyPath('http://prometheus.monitoring:9090'), `${path}:9090/proxy`);
  t.is(proxyPath('http://prometheus.monitoring.svc.cluster.local/base/'), `${path}:80/proxy/base`);
  t.is(proxyPath('https://prometheus.example.com'), undefined);
  t.is(proxyPath('http://10.0.0.1:9090'), undefined);
});

test('a release is the published image with other settings', (t) => {
  t.deepEqual(variablesOf('6.9.2-next'), ['PODINFO_UI_MESSAGE=6.9.2-next']);
  t.true(variablesOf('6.9.2-slow').includes('PODINFO_RANDOM_DELAY_MIN=600'));
});

test('the plan names cluster, image, Prometheus and how to take everything away', (t) => {
  const plan = {
    kubeconfig: '/my/config',
    cluster: 'mine at https://10.0.0.1',
    image: 'r/aviary:1',
    metricsServer: 'http://p.m:9090',
  };
  const text = planText({ ...plan, realTime: false });
  for (const part of [plan.kubeconfig, plan.cluster, plan.image, plan.metricsServer, removal, 'with shorter times']) {
    t.true(text.includes(part), part);
  }
  t.regex(planText({ ...plan, realTime: true }), /untouched[\s\S]*about half an hour/);
});

test('the windows of the short story hold several scrapes of 15 s', (t) => {
  t.deepEqual(ownShortStory, { interval: '15s', stepWeight: 10, window: '1m', load: '1m' });
});

test('whoever cannot see the story one way is told the two others', (t) => {
  t.regex(otherWays('node'), /--kubeconfig \S+ --image \S+[\s\S]*docker build[\s\S]*--simulated/);
  t.regex(otherWays('ownCluster'), /--simulated[\s\S]*npm run demo\n/);
  t.notRegex(otherWays('ownCluster'), /--kubeconfig/);
  t.notRegex(otherWays('simulated'), /--simulated/);
});

const pod = (status: object, metadata: object = {}): object => ({
  metadata: { namespace: 'test', name: 'podinfo-1', ...metadata },
  status,
});
const isReady = { type: 'Ready', status: 'True' };
const pulling = {
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [{ image: 'r/aviary:1', state: { waiting: { reason: 'ImagePullBackOff' } } }],
};

test('pods that are not ready say why', (t) => {
  t.deepEqual(troubleOf(pod(pulling)), ['test/podinfo-1: ImagePullBackOff (r/aviary:1)']);
  const unscheduled = { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' };
  t.deepEqual(troubleOf(pod({ phase: 'Pending', conditions: [unscheduled] })), [
    'test/podinfo-1: 0/1 nodes are available',
  ]);
  t.deepEqual(troubleOf(pod({ phase: 'Running' })), ['test/podinfo-1: Running, not ready']);
});

test('pods that are ready, finished or on their way out are no trouble', (t) => {
  t.deepEqual(troubleOf(pod({ phase: 'Running', conditions: [isReady] })), []);
  t.deepEqual(troubleOf(pod({ phase: 'Succeeded' })), []);
  t.deepEqual(troubleOf(pod(pulling, { deletionTimestamp: '2026-01-01T00:00:00Z' })), []);
});

const deployment = (available: number): string =>
  JSON.stringify({
    metadata: { generation: 2 },
    spec: { replicas: 2 },
    status: { observedGeneration: 2, updatedReplicas: 2, availableReplicas: available },
  });
const worker = { kind: 'deployment', namespace: 'aviary-system', name: 'aviary-worker' } as const;

test('a workload that does not become available is an error with the reasons of its pods', async (t) => {
  const ground = groundThatSays([
    [/get deployment/, deployment(1)],
    [/get pods/, JSON.stringify({ items: [pod(pulling)] })],
  ]);
  const said: string[] = [];
  const wait = { workloads: [worker], seconds: 0, say: (line: string) => said.push(line) };
  await t.throwsAsync(waitForRollouts(ground, wait), {
    message: /still unavailable: aviary-system\/aviary-worker\n.*\n +test\/podinfo-1: ImagePullBackOff \(r\/aviary:1\)/,
  });
  t.is(said.length, 1);
});

test('workloads that are available are not waited for', async (t) => {
  const ground = groundThatSays([[/get deployment/, deployment(2)]]);
  await t.notThrowsAsync(waitForRollouts(ground, { workloads: [worker], seconds: 0, say: () => t.fail() }));
});
