/** The worker's settings, read from the environment once, at the start. Names follow the reference's flags. */
import { z } from 'zod';
import type { Provider } from '../canary/spec.ts';
import { capabilitiesOf } from '../canary/capabilities.ts';
import { parseProvider, providerNames } from '../canary/provider.ts';
import { clusterAccessOf, clusterFields, clusterRateOf } from '../platform/kubernetes/cluster-settings.ts';
import type { ClusterRate } from '../platform/kubernetes/cluster-settings.ts';
import { checkTogether, loadConfig } from '../platform/config.ts';
import type { Environment } from '../platform/config.ts';
import { boolean, commaList, duration, integer, oneOf, text, url, numberTable } from '../platform/config-values.ts';
import type { AddressPolicy, ProxyEnvironment } from '../platform/http/http.ts';
import type { ClusterAccess } from '../platform/kubernetes/access.ts';
import { logLevels } from '../platform/observability/logger.ts';
import type { LogLevel } from '../platform/observability/logger.ts';
import { proxiesOf, proxyFields, proxySecrets, withLowerCaseProxies } from '../platform/http/proxy-settings.ts';
import type { RedisAddress } from '../platform/redis/address.ts';
import { redisAddressOf, redisSecrets } from '../platform/redis/settings.ts';
import { tracingFields, tracingOf } from '../platform/observability/tracing-settings.ts';
import type { TracingSettings } from '../platform/observability/tracing-settings.ts';
import { cronHorizonMs, queueFields } from '../queue/queue-settings.ts';
import type { Weights } from '../queue/turns.ts';
import type { GlobalSlack } from './notifiers/alert-router.ts';
import type { RunLimits } from './runs/places.ts';

/** All durations in milliseconds. */
export interface WorkerConfig {
  readonly cluster: ClusterAccess;
  readonly clusterRate: ClusterRate;
  readonly redis: RedisAddress;
  readonly redisPrefix: string;
  readonly redisWaitMs: number;
  readonly keepFinishedMs: number;
  /** Router of Canaries that name none. */
  readonly defaultProvider: Provider;
  readonly metricsServer: string;
  readonly slack: GlobalSlack;
  /** Empty: none. */
  readonly eventWebhookUrl: string;
  readonly clusterName: string;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Namespaces whose templates and alert providers every Canary may use: the installation's and those listed. */
  readonly openNamespaces: readonly string[];
  readonly selectorLabels: readonly string[];
  readonly includeLabelPrefixes: readonly string[];
  /** Whether a change of a ConfigMap or Secret that a target reads is a revision. */
  readonly trackConfigs: boolean;
  readonly runLimits: RunLimits;
  /** Canaries that a namespace has in one turn, where it is not one. */
  readonly weights: Weights;
  readonly addresses: AddressPolicy;
  readonly proxies: ProxyEnvironment;
  readonly concurrency: number;
  readonly stepTimeoutMs: number;
  /** How long the pods of Canaries that say nothing of it outlive their last traffic. */
  readonly drainDelayMs: number;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly tracing: TracingSettings;
  /** Names this process in events and logs. */
  readonly instance: string;
}

const none = '';
const nothing = (expected: string) => text(expected).default(none);

/**
 * The reference's default is `istio`. It has no router here yet, and a default that refuses every Canary would help
 * nobody, so the default is `kuma`, the provider of the tutorial.
 */
const meshProvider = text(`one of ${supportedNames().join(', ')}`)
  .refine((name) => isSupported(name), { error: `one of ${supportedNames().join(', ')}` })
  .default('kuma')
  .describe('router of Canaries that name none');

const limit = (of: string) =>
  integer({ min: 1, max: 100_000 })
    .optional()
    .describe(`how many runs ${of} may go on at the same time; all when left out`);

const schema = z.object({
  ...clusterFields,
  ...queueFields,
  ...tracingFields,
  ...proxyFields,
  MESH_PROVIDER: meshProvider,
  METRICS_SERVER: url('http', 'https')
    .default('http://prometheus:9090')
    .describe('Prometheus of Canaries that name none'),
  SLACK_URL: url('http', 'https').default(none).describe('where alerts of Canaries go that name no provider'),
  SLACK_TOKEN: nothing('a token').describe('token of a Slack app'),
  SLACK_CHANNEL: nothing('a channel').describe('channel of those alerts'),
  SLACK_USER: text('a name').default('flagger').describe('who those alerts come from'),
  SLACK_PROXY_URL: url('http', 'https').default(none).describe('proxy on the way to Slack'),
  EVENT_WEBHOOK_URL: url('http', 'https').default(none).describe('who is told of every event'),
  CLUSTER_NAME: nothing('a name').describe('shown in alerts'),
  NAMESPACE: commaList('names of namespaces between commas').default([]).describe('which namespaces to serve'),
  ALLOWED_NAMESPACES: commaList('names of namespaces between commas')
    .default([])
    .describe('whose templates and alert providers every Canary may use; * for all'),
  POD_NAMESPACE: text('the name of a namespace').optional().describe('namespace of the installation'),
  POD_NAME: text('the name of a pod').optional().describe('name of this process in events'),
  HOSTNAME: text('a host name').default('aviary-worker').describe('name of this process where it is no pod'),
  SELECTOR_LABELS: commaList('keys of labels between commas')
    .default(['app', 'name', 'app.kubernetes.io/name'])
    .describe('labels that may tell the pods of target and primary apart'),
  INCLUDE_LABEL_PREFIX: commaList('prefixes of labels between commas')
    .default([])
    .describe('labels that primaries take over from their targets'),
  ENABLE_CONFIG_TRACKING: boolean()
    .default(true)
    .describe('whether a change of a ConfigMap or Secret that a target reads is a revision'),
  ALLOW_LOOPBACK: boolean().default(false).describe('whether hooks and queries may go to loopback addresses'),
  ALLOW_LINK_LOCAL: boolean()
    .default(false)
    .describe('whether hooks and queries may go to link-local and metadata addresses'),
  CONCURRENCY: integer({ min: 1, max: 1_000 }).default(50).describe('most steps that run at the same time'),
  STEP_TIMEOUT: duration({ min: 1_000, max: 3_600_000 }).default(60_000).describe('bound of one step'),
  DRAIN_DELAY: duration({ min: 0, max: 3_600_000 })
    .default(5_000)
    .describe("how long a canary's pods outlive its last traffic where the Canary does not say"),
  MAX_RUNS: limit('of the cluster'),
  MAX_RUNS_PER_NAMESPACE: limit('of each namespace'),
  NAMESPACE_MAX_RUNS: numberTable({ min: 1, max: 100_000 })
    .default(new Map())
    .describe('how many runs of single namespaces may go on, in place of MAX_RUNS_PER_NAMESPACE'),
  PORT: integer({ min: 0, max: 65_535 }).default(8080).describe('port of health checks and metrics'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('least level that is logged'),
});

type Values = z.output<typeof schema>;

const secrets = [
  ...redisSecrets,
  ...proxySecrets,
  'SLACK_URL',
  'SLACK_TOKEN',
  'SLACK_PROXY_URL',
  'EVENT_WEBHOOK_URL',
] as const;

/** Throws ConfigError with every problem found. */
export function loadWorkerConfig(env: Environment): WorkerConfig {
  const values = loadConfig({ schema, env: withLowerCaseProxies(env), secrets });
  checkTogether(
    () => clusterAccessOf(values),
    () => redisAddressOf(values),
  );
  return {
    ...queueSettings(values),
    ...outsideSettings(values),
    cluster: clusterAccessOf(values),
    clusterRate: clusterRateOf(values),
    defaultProvider: parseProvider(values.MESH_PROVIDER) ?? 'kuma',
    clusterName: values.CLUSTER_NAME,
    namespaces: values.NAMESPACE,
    openNamespaces: [
      ...(values.POD_NAMESPACE === undefined ? [] : [values.POD_NAMESPACE]),
      ...values.ALLOWED_NAMESPACES,
    ],
    selectorLabels: values.SELECTOR_LABELS,
    includeLabelPrefixes: values.INCLUDE_LABEL_PREFIX,
    trackConfigs: values.ENABLE_CONFIG_TRACKING,
    weights: values.NAMESPACE_WEIGHTS,
    runLimits: {
      cluster: values.MAX_RUNS,
      namespace: values.MAX_RUNS_PER_NAMESPACE,
      ofNamespaces: values.NAMESPACE_MAX_RUNS,
      weights: values.NAMESPACE_WEIGHTS,
    },
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    tracing: tracingOf(values),
    instance: values.POD_NAME ?? values.HOSTNAME,
  };
}

/** A tick looks as far back as ahead, so a finished job has to outlive both. */
const horizonsKept = 2;

const queueSettings = (values: Values) => ({
  redis: redisAddressOf(values),
  redisPrefix: values.REDIS_PREFIX,
  redisWaitMs: values.REDIS_WAIT,
  keepFinishedMs: horizonsKept * (values.HORIZON ?? cronHorizonMs),
  concurrency: values.CONCURRENCY,
  stepTimeoutMs: values.STEP_TIMEOUT,
  drainDelayMs: values.DRAIN_DELAY,
});

const outsideSettings = (values: Values) => ({
  metricsServer: values.METRICS_SERVER,
  eventWebhookUrl: values.EVENT_WEBHOOK_URL,
  slack: {
    slackUrl: values.SLACK_URL,
    slackToken: values.SLACK_TOKEN,
    slackChannel: values.SLACK_CHANNEL,
    slackUser: values.SLACK_USER,
    slackProxy: values.SLACK_PROXY_URL,
  },
  addresses: { allowLoopback: values.ALLOW_LOOPBACK, allowLinkLocal: values.ALLOW_LINK_LOCAL },
  proxies: proxiesOf(values),
});

function isSupported(name: string): boolean {
  const provider = parseProvider(name);
  return provider !== undefined && capabilitiesOf(provider) !== undefined;
}

function supportedNames(): readonly string[] {
  return providerNames.filter(isSupported);
}
