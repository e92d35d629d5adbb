/**
 * The worker: takes steps of canaries from the queue, any number of processes at once, and sends alerts.
 *
 *   worker           keeps running
 *   worker --drain   works until nothing is due any more, then exit 0: for a Kubernetes Job
 */
import { allAddresses } from '../platform/http/all-addresses.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { hasSwitch } from '../platform/command-line.ts';
import { createHealthServer } from '../platform/observability/health.ts';
import type { HealthServer } from '../platform/observability/health.ts';
import { createHttpSender } from '../platform/http/http.ts';
import { checkClusterAccess } from '../platform/kubernetes/access.ts';
import { createLogger } from '../platform/observability/logger.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { createMetrics } from '../platform/observability/metrics.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import { checkRedis, createRedis } from '../platform/redis/redis.ts';
import { installShutdown } from '../platform/shutdown.ts';
import type { Closer } from '../platform/shutdown.ts';
import { createTracing } from '../platform/observability/create-tracing.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import { openAlertQueue } from '../queue/alert-queue.ts';
import { openJobs } from '../queue/backlog.ts';
import { openStepQueue } from '../queue/step-queue.ts';
import { createAlertProcessor, createStepProcessor, createWorkerLeases } from './assemble.ts';
import type { WorkerParts } from './assemble.ts';
import { createAnalysisValues } from './telemetry/analysis-values.ts';
import { createClusterReads } from './reads/cluster-reads.ts';
import { createCanarySeries } from './telemetry/canary-series.ts';
import { loadWorkerConfig } from './config.ts';
import type { WorkerConfig } from './config.ts';
import { createPutBacks, drained } from './drain.ts';
import { startGauges } from './gauges.ts';
import { startAlertWorker, startStepWorker } from './jobs/queue-workers.ts';
import type { QueueWorker } from './jobs/queue-workers.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { createTellers } from './tellers.ts';
import { createLiveness } from './watchdog.ts';
import { messageOf } from '../platform/error-message.ts';

const name = 'aviary-worker';
const random = Math.random;

async function main(): Promise<void> {
  const drains = hasSwitch(process.argv.slice(2), 'drain');
  const config = loadWorkerConfig(process.env);
  const log = createLogger({ name, level: config.logLevel, clock });
  await checkClusterAccess(config.cluster);
  const redis = createRedis({ ...config.redis, role: 'producer', connectionName: name, log });
  await checkRedis(redis, { clock, log, prefix: config.redisPrefix, timeoutMs: config.redisWaitMs });
  const metrics = createMetrics({ processMetrics: true });
  const tracing = await createTracing({
    settings: config.tracing,
    serviceName: name,
    instance: config.instance,
    clock,
    log,
  });
  const parts = createParts({ config, redis, metrics, tracing, log, isStaying: !drains });
  const queues = createQueues(parts);
  const workers: QueueWorker[] = [];
  const health = createHealth({ parts, queues, workers, metrics });
  const closers = [...workerClosers(workers), ...partClosers(parts, queues), ...healthClosers(health)];
  const shutdown = installShutdown({ process, closers, clock, log });
  log.info({ url: await health.start() }, 'listening');
  const work = async (): Promise<void> => {
    parts.index.start();
    await parts.index.whenSynced(shutdown.signal);
    workers.push(...startWorkers(parts, queues, metrics));
    if (!drains) return;
    const open = [queues.steps, queues.alerts].map((queue) => () => openJobs({ queue, redis }, clock.now()));
    const backlogs = [...open, async () => parts.putBacks.coming()];
    await drained({ backlogs, patienceMs: config.redisWaitMs, clock, log }, shutdown.signal);
    await shutdown.request('nothing is due any more');
  };
  await work().catch(async (err: unknown) => {
    // The shutdown that aborted it is on its way and ends the process.
    if (shutdown.signal.aborted) return;
    log.error({ err }, 'the worker cannot go on');
    await shutdown.request('the worker cannot go on', 1);
  });
}

interface Base {
  readonly config: WorkerConfig;
  readonly redis: WorkerParts['redis'];
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly log: Logger;
  readonly isStaying: boolean;
}

function createParts({ config, redis, metrics, tracing, log, isStaying }: Base): WorkerParts {
  const telemetry = createTelemetry(metrics);
  const http = createHttpSender({ clock, userAgent: name, addresses: config.addresses, proxies: config.proxies });
  const { client, index, stopWatches } = createClusterReads({
    config,
    isStaying,
    userAgent: name,
    metrics,
    clock,
    random,
    log,
    observe: (request) => telemetry.requestSent(request),
    tracing,
  });
  const parts = {
    config,
    client,
    stopWatches,
    http,
    redis,
    telemetry,
    tracing,
    series: createCanarySeries({ metrics, index, clock }),
    values: createAnalysisValues({ redis, prefix: config.redisPrefix, log }),
    putBacks: createPutBacks(clock),
    clock,
    random,
    log,
    index,
  };
  return { ...parts, ...createTellers(parts) };
}

interface Queues {
  readonly steps: ReturnType<typeof openStepQueue>;
  readonly alerts: ReturnType<typeof openAlertQueue>;
  /** The workers' connection: it waits while Redis is away. */
  readonly redis: WorkerParts['redis'];
}

function createQueues({ config, redis, log }: WorkerParts): Queues {
  const connection = { redis, prefix: config.redisPrefix, log };
  return {
    steps: openStepQueue(connection),
    alerts: openAlertQueue(connection),
    redis: createRedis({ ...config.redis, role: 'consumer', connectionName: name, log }),
  };
}

/** Alerts that one process sends at the same time. */
const alertConcurrency = 10;

function startWorkers(parts: WorkerParts, queues: Queues, metrics: Metrics): QueueWorker[] {
  const { config, log, telemetry } = parts;
  const leases = createWorkerLeases(parts);
  const settings = {
    redis: queues.redis,
    prefix: config.redisPrefix,
    keepFinishedMs: config.keepFinishedMs,
    clock,
    random,
    log,
  };
  const steps = startStepWorker({
    ...settings,
    concurrency: config.concurrency,
    process: createStepProcessor(parts, leases, queues.steps),
    onFailed: () => telemetry.stepFailed(),
  });
  const consume = createAlertProcessor(parts, queues.alerts, queues.redis);
  const alerts = startAlertWorker({ ...settings, concurrency: alertConcurrency, consume });
  const gauges = startGauges({ parts, queues, leases, metrics });
  return [
    { ...steps, close: async (graceMs) => void (await Promise.all([steps.close(graceMs), gauges.stop()])) },
    alerts,
  ];
}

interface HealthParts {
  readonly parts: WorkerParts;
  readonly queues: Queues;
  /** Filled when the workers begin. */
  readonly workers: readonly QueueWorker[];
  readonly metrics: Metrics;
}

function createHealth({ parts, queues, workers, metrics }: HealthParts): HealthServer {
  const { client, redis, index, config, log } = parts;
  return createHealthServer({
    host: allAddresses(),
    port: config.port,
    readiness: {
      redis: async () => ((await redis.ping()) === 'PONG' ? undefined : 'Redis did not answer a ping'),
      kubernetes: async (signal) => void (await client.getPath('/version', { signal })),
      canaries: () => index.unready(),
    },
    liveness: createLiveness({
      workers,
      queues,
      redis,
      stepConcurrency: config.concurrency,
      alertConcurrency,
      stepTimeoutMs: config.stepTimeoutMs,
      clock,
    }),
    metrics,
    clock,
    log,
  });
}

/** How long running steps may go on before they are told to stop; the rest of the shutdown's time is theirs to end in. */
const graceMs = 15_000;

const workerClosers = (workers: readonly QueueWorker[]): Closer[] => [
  { name: 'steps and alerts', close: async () => void (await Promise.all(workers.map((one) => one.close(graceMs)))) },
];

const partClosers = (parts: WorkerParts, queues: Queues): Closer[] => [
  { name: 'event webhooks', close: (signal) => parts.eventWebhooks.close(signal) },
  { name: 'canary index', close: () => parts.index.stop() },
  {
    name: 'queues',
    close: async () => void (await Promise.all([queues.steps.close(), queues.alerts.close(), parts.alerts.close()])),
  },
  { name: 'redis of the workers', close: () => queues.redis.disconnect() },
  { name: 'redis', close: () => parts.redis.disconnect() },
  { name: 'watches', close: () => parts.stopWatches() },
  { name: 'kubernetes', close: () => parts.client.close() },
  { name: 'http', close: () => parts.http.close() },
  { name: 'traces', close: () => parts.tracing.close() },
];

const healthClosers = (health: HealthServer): Closer[] => [{ name: 'health server', close: () => health.close() }];

try {
  await main();
} catch (error) {
  process.stderr.write(`${name}: ${messageOf(error)}\n`);
  process.exit(1);
}
