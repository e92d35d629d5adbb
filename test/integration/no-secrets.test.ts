/**
 * Secret values stand wherever users may write one, and every receiver fails and quotes all that it was sent. Nothing of
 * it may reach a log line, an Event, a status or Redis.
 */
import test from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import {
  alertProviders,
  canaries,
  deployments,
  events,
  metricTemplates,
  secrets,
} from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { CanaryOptions } from '../support/a-canary.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { installAviaryDefinitions } from '../support/aviary-definitions.ts';
import { startOutageBench } from '../support/outage-bench.ts';
import type { OutageBench } from '../support/outage-bench.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Received, Receiver } from '../support/receiver.ts';
import { reaches, release } from '../support/released-canary.ts';
import { redisText } from '../support/redis-text.ts';

let bench: OutageBench;
let receiver: Receiver;
test.before(async () => {
  receiver = await startReceiver({ answer: (request) => ({ status: 500, body: quote(request) }) });
  bench = await startOutageBench();
  await installAviaryDefinitions(bench.cluster.user);
});
test.after.always(async () => {
  await bench?.close();
  await receiver?.close();
});

const quote = ({ method, path, headers }: Received): string => `${method} ${path} failed: ${JSON.stringify(headers)}`;

const namespace = 'planted';
const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64');

/** What receivers get, each under the place where it was planted. */
const planted = {
  'user of a hook': basic('hook-s3cret-user', 'hook-s3cret-password'),
  'query of a hook': 'hook-s3cret-query',
  'path of an event webhook': 'event-s3cret-path',
  'path of the global event webhook': 'events-s3cret-path',
  'user of the global event webhook': basic('events', 'events-s3cret-password'),
  'address in the Secret of an AlertProvider': 'provider-s3cret-path',
  'token in the Secret of an AlertProvider': 'provider-s3cret-token',
  'proxy of an AlertProvider': basic('proxy', 'proxy-s3cret-password'),
  'path of the global Slack': 'slack-s3cret-path',
  'token of the global Slack': 'slack-s3cret-token',
  'user of the metrics server': basic('reader', 'metrics-s3cret-password'),
  'token in the Secret of a MetricTemplate': 'template-s3cret-token',
} as const;

/** Every planted value has this in it, or is one of the pairs above. */
const marks = ['s3cret', ...Object.values(planted)];

const at = (path: string, credentials = ''): string => receiver.url.replace('//', `//${credentials}`) + path;

const operatorsSettings = (): Record<string, string> => ({
  NAMESPACE: namespace,
  SLACK_URL: at(`/services/${planted['path of the global Slack']}`),
  SLACK_TOKEN: planted['token of the global Slack'],
  EVENT_WEBHOOK_URL: at(`/${planted['path of the global event webhook']}`, 'events:events-s3cret-password@'),
  METRICS_SERVER: at('', 'reader:metrics-s3cret-password@'),
});

async function secret(name: string, stringData: Record<string, string>): Promise<void> {
  const metadata = { namespace, name };
  await bench.cluster.user.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}

async function plantObjects(): Promise<void> {
  const { user } = bench.cluster;
  const object = (kind: string, spec: object) => ({
    apiVersion: 'flagger.app/v1beta1',
    kind,
    metadata: { namespace, name: 'shared' },
    spec,
  });
  await secret('receiver', {
    address: at(`/services/${planted['address in the Secret of an AlertProvider']}`),
    token: planted['token in the Secret of an AlertProvider'],
  });
  await secret('metrics', { token: planted['token in the Secret of a MetricTemplate'] });
  await secret('app', { key: 'app-s3cret-key' });
  const provider = { type: 'slack', channel: 'releases', username: 'aviary', secretRef: { name: 'receiver' } };
  const proxy = at('', 'proxy:proxy-s3cret-password@');
  await user.create(alertProviders, object('AlertProvider', { ...provider, proxy }));
  const source = { type: 'prometheus', address: at(''), secretRef: { name: 'metrics' } };
  await user.create(metricTemplates, object('MetricTemplate', { provider: source, query: 'vector(1)' }));
}

/** Its own receivers, and a check before any traffic that fails. */
const withHooks = (): CanaryOptions['analysis'] => ({
  alerts: [{ name: 'shared', severity: 'info', providerRef: { name: 'shared' } }],
  metrics: [{ name: 'template', templateRef: { name: 'shared' }, thresholdRange: { min: 1 } }],
  webhooks: [
    { name: 'told', type: 'event', url: at(`/${planted['path of an event webhook']}`) },
    {
      name: 'checked',
      type: 'pre-rollout',
      url: at('/check?key=hook-s3cret-query', 'hook-s3cret-user:hook-s3cret-password@'),
    },
  ],
});

/** The operator's receivers, and a metrics server that fails. */
const withoutHooks = (): CanaryOptions['analysis'] => ({
  metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }],
});

async function deploy(name: string, threshold: number, analysis: CanaryOptions['analysis']): Promise<void> {
  const envFrom = [{ secretRef: { name: 'app' } }];
  await bench.cluster.user.create(deployments, aDeployment({ namespace, name, container: { envFrom } }));
  const pace = { interval: '1s', threshold, stepWeight: 10, maxWeight: 30 };
  await bench.cluster.canary({ namespace, name, analysis: { ...pace, ...analysis } });
}

const names = ['podinfo', 'neighbour'];

/** Bootstraps two canaries and releases a version: one is halted for good, the other rolled back. */
async function playThrough(): Promise<void> {
  const { cluster } = bench;
  await deploy('podinfo', 1_000, withHooks());
  await deploy('neighbour', 1, withoutHooks());
  await Promise.all(names.map((name) => reaches(cluster, { namespace, name }, { phase: 'Initialized' })));
  await Promise.all(names.map((name) => release(cluster, { namespace, name }, 2)));
  await reaches(cluster, { namespace, name: 'neighbour' }, { phase: 'Failed' });
  await waitFor({
    what: 'podinfo to be halted',
    seconds: 30,
    look: async () => JSON.stringify(await cluster.read(namespace)).includes(halted) || undefined,
  });
}

/** Of the hook, in the words of its receiver. */
const halted = 'pre-rollout check checked failed POST http://127.0.0.1';

const arrived = (): string => receiver.received.map(quote).join('\n');

/** Everything that somebody may read, by where it stands. */
async function shown(): Promise<Readonly<Record<string, string>>> {
  const { user, light } = bench.cluster;
  const redis = createRedis({ url: light.redisUrl, role: 'consumer', connectionName: 'test', log });
  const inRedis = await redisText(redis);
  redis.disconnect();
  const statuses = (await user.list(canaries, { namespace })).items.map((canary) => canary['status']);
  return {
    logs: bench.processes.map((one) => `${JSON.stringify(one.lines())} ${one.errors()}`).join('\n'),
    events: JSON.stringify((await user.list(events, { namespace })).items),
    statuses: JSON.stringify(statuses),
    redis: inRedis,
  };
}

/** What stands there for certain, so that the search does not look into nothing. */
const contents: Readonly<Record<string, string>> = {
  logs: 'step taken',
  events: halted,
  statuses: halted,
  redis: 'callHook pre-rollout checked: refused POST',
};

test.serial('no secret value reaches a log line, an Event, a status or Redis', async (t) => {
  await bench.cluster.namespace(namespace);
  await plantObjects();
  const worker = bench.run({ program: 'worker', env: operatorsSettings() });
  bench.run({ program: 'scheduler', env: operatorsSettings() });
  await playThrough();
  for (const [where, value] of Object.entries(planted)) {
    await waitFor({ what: `the ${where} to be used`, seconds: 20, look: () => arrived().includes(value) || undefined });
  }
  await worker.said('error sending event to webhook');
  await worker.said('alert not delivered yet');
  const copy = await bench.cluster.user.get(secrets, { namespace, name: 'app-primary' });
  t.true(JSON.stringify(copy).includes(Buffer.from('app-s3cret-key').toString('base64')));

  for (const [where, text] of Object.entries(await shown())) {
    t.true(text.includes(contents[where] ?? ''), `${where}: ${text.slice(0, 500)}`);
    t.deepEqual(
      marks.filter((mark) => text.includes(mark)),
      [],
      where,
    );
  }
});
