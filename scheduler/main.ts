/**
 * The scheduler: puts the steps that are due into the queue. Writes nothing to the cluster, holds no state, and may run
 * any number of times at once.
 *
 *   scheduler          keeps running: ticks, and wakes canaries whose spec or target changes
 *   scheduler --once   one tick, then exit 0: for a CronJob
 */
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../platform/clock.ts';
import { createHealthServer } from '../platform/health.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { createKubernetesClient } from '../platform/kubernetes.ts';
import { createLogger } from '../platform/logger.ts';
import type { Logger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import { checkRedis, createRedis } from '../platform/redis.ts';
import { createRequestMetrics } from '../platform/request-metrics.ts';
import { installShutdown } from '../platform/shutdown.ts';
import { createWatchMetrics } from '../platform/watch-metrics.ts';
import { createStepQueue } from '../queue/step-queue.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import { createTickMark } from '../queue/tick-mark.ts';
import type { TickMark } from '../queue/tick-mark.ts';
import { listedCanaries, watchedCanaries } from './canary-source.ts';
import { loadSchedulerConfig } from './config.ts';
import type { SchedulerConfig } from './config.ts';
import { watchTargets } from './target-watch.ts';
import { createTickMetrics } from './tick-metrics.ts';
import { createTick, runTicks } from './tick.ts';
import { createWaker } from './wake.ts';

interface Scheduler {
  readonly config: SchedulerConfig;
  readonly client: KubernetesClient;
  readonly redis: ReturnType<typeof createRedis>;
  readonly queue: StepQueue;
  readonly mark: TickMark;
  readonly metrics: Metrics;
  readonly log: Logger;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const config = loadSchedulerConfig(process.env, values);
  const log = createLogger({ name: 'aviary-scheduler', level: config.logLevel, clock });
  const redis = createRedis({ ...config.redis, role: 'producer', connectionName: 'aviary-scheduler', log });
  const metrics = createMetrics({ processMetrics: !values.once });
  const client = createKubernetesClient({
    access: config.cluster,
    userAgent: 'aviary-scheduler',
    clock,
    random: Math.random,
    log,
    observe: createRequestMetrics(metrics),
  });
  await checkRedis(redis, { clock, log, prefix: config.redisPrefix, timeoutMs: config.redisWaitMs });
  const keys = { redis, prefix: config.redisPrefix };
  const queue = createStepQueue({ ...keys, log, clock });
  const scheduler = { config, client, redis, queue, mark: createTickMark(keys), metrics, log };
  if (values.once) await tickOnce(scheduler);
  else await keepTicking(scheduler);
}

async function tickOnce({ config, client, redis, queue, mark, log }: Scheduler): Promise<void> {
  const source = listedCanaries(client, config);
  const tick = createTick({ source, queue, mark, clock, horizonMs: config.horizonMs, log });
  await tick(new AbortController().signal);
  await queue.close();
  redis.disconnect();
  await client.close();
}

async function keepTicking({ config, client, redis, queue, mark, metrics, log }: Scheduler): Promise<void> {
  const { namespaces, tickIntervalMs, horizonMs } = config;
  const watching = { client, namespaces, clock, random: Math.random, log };
  const canaries = watchedCanaries({ ...watching, onChange: (schedule) => waker.canaryChanged(schedule) });
  const targets = watchTargets({ ...watching, onChange: (change) => waker.targetChanged(change) });
  const waker = createWaker({ queue, canaries: () => canaries.values(), log });
  const watched = createWatchMetrics(metrics, clock);
  watched.add('canaries.flagger.app', canaries);
  for (const { resource, watch } of targets.watches) watched.add(resource, watch);
  const health = createHealthServer({
    host: '::',
    port: config.port,
    readiness: {
      redis: async () => ((await redis.ping()) === 'PONG' ? undefined : 'Redis did not answer a ping'),
      canaries: () => (canaries.synced() ? undefined : 'the list of Canaries has not been read yet'),
    },
    metrics,
    clock,
    log,
  });
  const shutdown = installShutdown({
    process,
    closers: [
      { name: 'watches', close: async () => void (await Promise.all([canaries.stop(), targets.stop()])) },
      { name: 'queue', close: () => queue.close() },
      { name: 'health server', close: () => health.close() },
      { name: 'redis', close: () => redis.disconnect() },
      { name: 'kubernetes', close: () => client.close() },
    ],
    clock,
    log,
  });
  log.info({ url: await health.start(), tickIntervalMs, horizonMs }, 'listening');
  canaries.start();
  targets.start();
  const tick = createTick({ source: canaries.source, queue, mark, clock, horizonMs, log });
  await runTicks({ tick, clock, intervalMs: tickIntervalMs, log, ...createTickMetrics(metrics) }, shutdown.signal);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`aviary-scheduler: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
