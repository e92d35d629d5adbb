/** The scheduler that stays: watches Canaries and what they follow, wakes those that change, and ticks. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { allAddresses } from '../platform/http/all-addresses.ts';
import type { Clock, Random } from '../platform/clock.ts';
import { createHealthServer } from '../platform/observability/health.ts';
import type { HealthServer } from '../platform/observability/health.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import type { Closer } from '../platform/shutdown.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import { createWatchMetrics } from '../platform/kubernetes/watch-metrics.ts';
import { createMissedSlots } from '../queue/missed-slots.ts';
import { createPaceStore } from '../queue/pace-store.ts';
import { createQueueLife } from '../queue/queue-life.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { TickMark } from '../queue/tick-mark.ts';
import { answers } from './answers.ts';
import { createAddedSlots } from './added-slots.ts';
import { watchedCanaries } from './canary-source.ts';
import type { CanaryWatch } from './canary-source.ts';
import type { SchedulerConfig } from './config.ts';
import { watchFollowed } from './followed-watch.ts';
import type { FollowedWatch } from './followed-watch.ts';
import { createFollowers } from './followers.ts';
import { createPacing } from './pacing.ts';
import { createPause } from './pause.ts';
import { createRelievedTick } from './relief.ts';
import type { RelievedTickOptions } from './relief.ts';
import { createTickMetrics } from './tick-metrics.ts';
import { createTick, runTicks } from './tick.ts';
import type { Tick } from './tick.ts';
import { createWaker } from './wake.ts';
import type { Waker } from './wake.ts';

export interface ResidentParts {
  readonly config: SchedulerConfig;
  readonly client: KubernetesClient;
  /** Belongs to the caller. */
  readonly redis: Redis;
  readonly queue: StepQueue;
  readonly mark: TickMark;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The first tick looks this many ticks ahead: to the second one, and for as long as that may take. */
const firstTicksAhead = 1.25;

export interface Resident {
  readonly health: HealthServer;
  /** Ticks until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends what is its own, in this order. */
  readonly closers: readonly Closer[];
}

/** Starts nothing: `run` does, and `health.start` the server. */
export function createResident(parts: ResidentParts): Resident {
  const { config, mark, metrics, clock, log } = parts;
  const { canaries, followed, waker } = createWatches(parts);
  const health = createHealth(parts, canaries);
  const { onRelief, ...telling } = createTickMetrics(metrics);
  const tick = createResidentTick(parts, { source: canaries.source, onRelief });
  const intervalMs = config.tickIntervalMs;
  return {
    health,
    run: async (signal) => {
      canaries.start();
      // Who follows what must be known before the first list of it, or each object would look new.
      void canaries.whenSynced(signal).then(
        () => followed.start(),
        () => undefined,
      );
      const pause = createPause({ mark, clock, log });
      await runTicks({ tick, clock, intervalMs, pause, log, ...telling }, signal);
    },
    closers: [
      { name: 'wakes', close: () => waker.stop() },
      { name: 'watches', close: async () => void (await Promise.all([canaries.stop(), followed.stop()])) },
      { name: 'health server', close: () => health.close() },
    ],
  };
}

type TickParts = Pick<CanaryWatch, 'source'> & Pick<RelievedTickOptions, 'onRelief'>;

function createResidentTick(parts: ResidentParts, { source, onRelief }: TickParts): Tick {
  const { config, redis, mark, tracing, clock, log } = parts;
  const queue = rememberingQueue(parts);
  redis.on('close', () => queue.forget());
  const { horizonMs, tickIntervalMs, weights } = config;
  const keys = { redis, prefix: config.redisPrefix };
  const pacing = createPacing({
    store: createPaceStore(keys),
    queue: parts.queue,
    missedSlots: createMissedSlots(keys),
    isClusterThere: () => answers(parts.client),
    timing: { tickMs: tickIntervalMs, horizonMs },
    clock,
    log,
  });
  const firstHorizonMs = Math.min(horizonMs, firstTicksAhead * tickIntervalMs);
  const tick = createTick({ source, queue, pacing, mark, clock, horizonMs, firstHorizonMs, weights, log, tracing });
  return createRelievedTick({ tick, queue: parts.queue, log, onRelief });
}

interface Watches {
  readonly canaries: CanaryWatch;
  readonly followed: FollowedWatch;
  readonly waker: Waker;
}

function createWatches({ config, client, queue, metrics, clock, random, log }: ResidentParts): Watches {
  const { namespaces, trackConfigs } = config;
  const watching = { client, namespaces, clock, random, log };
  const followers = createFollowers({ onKind: (kind) => followed.want(kind) });
  const waker = createWaker({ queue, followers, clock, log });
  const told = createWatchMetrics(metrics, clock);
  const followed = watchFollowed({
    ...watching,
    trackConfigs,
    followers,
    onChange: (change) => waker.followedChanged(change),
    onBegin: (resource, watch) => told.add(resource, watch),
  });
  const canaries = watchedCanaries({
    ...watching,
    followers,
    onChange: (schedule, edit) => waker.canaryChanged(schedule, edit),
  });
  told.add('canaries.flagger.app', { lastActivity: canaries.lastActivity, synced: canaries.complete });
  return { canaries, followed, waker };
}

function rememberingQueue({ config, redis, queue }: ResidentParts) {
  const life = createQueueLife({ redis, prefix: config.redisPrefix, newToken: randomUUID });
  return createAddedSlots({ queue, life });
}

function createHealth({ config, redis, metrics, clock, log }: ResidentParts, canaries: CanaryWatch): HealthServer {
  return createHealthServer({
    host: allAddresses(),
    port: config.port,
    readiness: {
      redis: async () => ((await redis.ping()) === 'PONG' ? undefined : 'Redis did not answer a ping'),
      canaries: () => canaries.unready(),
    },
    metrics,
    clock,
    log,
  });
}
