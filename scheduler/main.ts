/**
 * The scheduler: puts the steps that are due into the queue. Writes nothing to the cluster, holds no state, and may run
 * any number of times at once.
 *
 *   scheduler          keeps running: ticks, and wakes canaries whose spec or target changes
 *   scheduler --once   one tick, then exit 0: for a CronJob
 */
import { randomUUID } from 'node:crypto';
import { systemClock as clock } from '../platform/clock.ts';
import { hasSwitch } from '../platform/command-line.ts';
import { checkClusterAccess } from '../platform/kubernetes/access.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import { createKubernetesClient } from '../platform/kubernetes/kubernetes.ts';
import { createLogger } from '../platform/observability/logger.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { createMetrics } from '../platform/observability/metrics.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import { checkRedis, createRedis } from '../platform/redis/redis.ts';
import { createRequestMetrics, tellRequestRate } from '../platform/kubernetes/request-metrics.ts';
import { createRequestRate } from '../platform/kubernetes/request-rate.ts';
import { installShutdown } from '../platform/shutdown.ts';
import { createTracing } from '../platform/observability/create-tracing.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import { createMissedSlots } from '../queue/missed-slots.ts';
import { createPaceStore } from '../queue/pace-store.ts';
import { createStepQueue } from '../queue/step-queue.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import { createTickMark } from '../queue/tick-mark.ts';
import type { TickMark } from '../queue/tick-mark.ts';
import { listedCanaries } from './canary-source.ts';
import { loadSchedulerConfig } from './config.ts';
import type { SchedulerConfig } from './config.ts';
import { createPacing } from './pacing.ts';
import { createRelievedTick } from './relief.ts';
import { createResident } from './resident.ts';
import { createTick } from './tick.ts';
import { messageOf } from '../platform/error-message.ts';

interface Scheduler {
  readonly config: SchedulerConfig;
  readonly client: KubernetesClient;
  readonly redis: ReturnType<typeof createRedis>;
  readonly queue: StepQueue;
  readonly mark: TickMark;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly log: Logger;
}

async function main(): Promise<void> {
  const once = hasSwitch(process.argv.slice(2), 'once');
  const config = loadSchedulerConfig(process.env, { once });
  const log = createLogger({ name: 'aviary-scheduler', level: config.logLevel, clock });
  await checkClusterAccess(config.cluster);
  const redis = createRedis({ ...config.redis, role: 'producer', connectionName: 'aviary-scheduler', log });
  const metrics = createMetrics({ processMetrics: !once });
  const tracing = await createTracing({
    settings: config.tracing,
    serviceName: 'aviary-scheduler',
    instance: randomUUID(),
    clock,
    log,
  });
  const rate = createRequestRate({ clock, ...config.clusterRate });
  tellRequestRate(metrics, rate);
  const client = createKubernetesClient({
    access: config.cluster,
    userAgent: 'aviary-scheduler',
    clock,
    random: Math.random,
    log,
    observe: createRequestMetrics(metrics),
    tracing,
    rate,
  });
  await checkRedis(redis, { clock, log, prefix: config.redisPrefix, timeoutMs: config.redisWaitMs });
  const keys = { redis, prefix: config.redisPrefix };
  const queue = createStepQueue({ ...keys, log, clock, tracing, weights: config.weights });
  const scheduler = { config, client, redis, queue, mark: createTickMark(keys), metrics, tracing, log };
  if (once) await tickOnce(scheduler);
  else await keepTicking(scheduler);
}

async function tickOnce({ config, client, redis, queue, mark, tracing, log }: Scheduler): Promise<void> {
  const source = listedCanaries({ client, namespaces: config.namespaces, log });
  const { horizonMs, weights, tickIntervalMs: tickMs } = config;
  const keys = { redis, prefix: config.redisPrefix };
  const store = createPaceStore(keys);
  const missedSlots = createMissedSlots(keys);
  // The API server is there: it has just listed the canaries.
  const pacing = createPacing({ store, queue, missedSlots, timing: { tickMs, horizonMs }, clock, log });
  const adding = createTick({ source, queue, pacing, mark, clock, horizonMs, weights, log, tracing });
  const tick = createRelievedTick({ tick: adding, queue, log });
  await tick(new AbortController().signal);
  await queue.close();
  redis.disconnect();
  await client.close();
  await tracing.close();
}

async function keepTicking(scheduler: Scheduler): Promise<void> {
  const { config, client, redis, queue, tracing, log } = scheduler;
  const resident = createResident({ ...scheduler, clock, random: Math.random });
  const shutdown = installShutdown({
    process,
    closers: [
      ...resident.closers,
      { name: 'queue', close: () => queue.close() },
      { name: 'redis', close: () => redis.disconnect() },
      { name: 'kubernetes', close: () => client.close() },
      { name: 'traces', close: () => tracing.close() },
    ],
    clock,
    log,
  });
  const { tickIntervalMs, horizonMs } = config;
  log.info({ url: await resident.health.start(), tickIntervalMs, horizonMs }, 'listening');
  await resident.run(shutdown.signal);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`aviary-scheduler: ${messageOf(error)}\n`);
  process.exit(1);
}
