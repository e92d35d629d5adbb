/** Puts the worker together from its clients: what a job of each queue goes through. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { advance } from '../canary/advance.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { HttpSender } from '../platform/http/http.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { createTracedSender } from '../platform/http/traced-http.ts';
import type { Tracing } from '../platform/observability/tracing.ts';
import { createAlertLanes } from '../queue/alert-queue.ts';
import { createMissedSlots } from '../queue/missed-slots.ts';
import { createPaceStore } from '../queue/pace-store.ts';
import type { AlertQueue, BullAlertQueue } from '../queue/alert-queue.ts';
import { dueTimeOf } from '../queue/backlog.ts';
import { createExpedite } from '../queue/expedite.ts';
import type { BullStepQueue } from '../queue/step-queue.ts';
import { createAdapters } from './adapters.ts';
import type { ChecksObserved } from './adapters.ts';
import { createAlertedCanaries } from './announcements/alerted-canaries.ts';
import { createAlertConsumer } from './jobs/alerts.ts';
import type { AlertConsumer } from './jobs/alerts.ts';
import { createAlertDispatch } from './announcements/alert-dispatch.ts';
import type { AnalysisValues } from './telemetry/analysis-values.ts';
import { createAnnouncer } from './announcements/announce.ts';
import type { CanaryIndex } from './reads/canary-index.ts';
import type { CanarySeries } from './telemetry/canary-series.ts';
import type { WorkerConfig } from './config.ts';
import type { PutBacks } from './drain.ts';
import type { EventRecorder } from './announcements/events.ts';
import type { EventWebhooks } from './announcements/event-webhooks.ts';
import { createExamine } from './step/examine.ts';
import type { Examine } from './step/examine.ts';
import { createLeases } from './step/lease.ts';
import type { Leases } from './step/lease.ts';
import type { AlertRouter } from './notifiers/alert-router.ts';
import { createProcessor } from './jobs/processor.ts';
import type { JobObservation, Processor } from './jobs/processor.ts';
import { createPaceReader } from './step/pace-reader.ts';
import type { PaceReader } from './step/pace-reader.ts';
import { createRests } from './step/rests.ts';
import { giveBackGone } from './runs/gone-runs.ts';
import { areLimited } from './runs/places.ts';
import { createRunPlaces } from './runs/run-places.ts';
import type { RunPlaces } from './runs/run-places.ts';
import { createSentMarkers } from './announcements/sent-markers.ts';
import { createTakeStep } from './step/take-step.ts';
import type { Deliver } from './announcements/announce.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface WorkerParts {
  readonly config: WorkerConfig;
  readonly client: KubernetesClient;
  /** Ends the watches that answer its reads. */
  readonly stopWatches: () => Promise<void>;
  readonly http: HttpSender;
  /** Fails at once while Redis is away. */
  readonly redis: Redis;
  readonly index: CanaryIndex;
  readonly alerts: AlertQueue;
  readonly alertRouter: AlertRouter;
  readonly events: EventRecorder;
  readonly eventWebhooks: EventWebhooks;
  readonly telemetry: Telemetry;
  readonly series: CanarySeries;
  readonly values: AnalysisValues;
  readonly putBacks: PutBacks;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Milliseconds: shorter than the lock of a job, so that a job that is taken back finds its canary free. */
const leaseTtlMs = 6_000;

export const createWorkerLeases = ({ redis, config, clock, log }: LeaseParts): Leases =>
  createLeases({
    redis,
    prefix: config.redisPrefix,
    clock,
    newToken: () => `${config.instance}/${randomUUID()}`,
    ttlMs: leaseTtlMs,
    log,
  });

const examineWith = ({ config, index }: WorkerParts, isLimited: boolean): Examine =>
  createExamine({
    defaultProvider: config.defaultProvider,
    defaultDrainMs: config.drainDelayMs,
    allowedNamespaces: config.openNamespaces,
    stepTimeoutMs: config.stepTimeoutMs,
    claims: (canary) => index.withTargetOf(canary),
    isLimited,
  });

function runPlacesOf({ redis, config, index, clock, log }: WorkerParts, ratio: PaceReader): RunPlaces | undefined {
  const { runLimits: limits, redisPrefix: prefix } = config;
  if (!areLimited(limits)) return undefined;
  const statuses = { running: () => index.running(), queued: () => index.queued() };
  const places = createRunPlaces({ redis, prefix, limits, clock, ratio, ...statuses });
  giveBackGone({ index, places, log });
  return places;
}

type LeaseParts = Pick<WorkerParts, 'redis' | 'config' | 'clock' | 'log'>;

export function createStepProcessor(parts: WorkerParts, leases: Leases, steps: BullStepQueue): Processor {
  const { config, client, telemetry, putBacks, tracing, clock, log } = parts;
  const ratio = paceReaderOf(parts);
  const places = runPlacesOf(parts, ratio);
  const examine = examineWith(parts, places !== undefined);
  const http = createTracedSender(parts.http, tracing);
  const rests = createRests({ leases, ratio, claims: (canary) => parts.index.withTargetOf(canary), clock });
  const takeStep = createTakeStep({
    client,
    examine,
    advance,
    places,
    adapters: createAdapters({ ...parts, places, http, observed: checksObserved(parts) }),
    deliver: announcerOf(parts),
    expedite: createExpedite({ queue: steps, clock, weights: config.weights }),
    ratio,
    rests,
    clock,
    log,
    tracing,
  });
  const served = new Set(config.namespaces);
  return createProcessor({
    takeStep,
    leases,
    rests,
    clock,
    stepTimeoutMs: config.stepTimeoutMs,
    isServed: (namespace) => served.size === 0 || served.has(namespace),
    log,
    onAction: () => undefined,
    onEnd: endedWith(parts),
    onBusy: () => telemetry.canaryBusy(),
    onPutBack: (until) => putBacks.note(until),
    tracing,
  });
}

function endedWith({ redis, config, telemetry, series }: WorkerParts): (observation: JobObservation) => void {
  const missedSlots = createMissedSlots({ redis, prefix: config.redisPrefix });
  return (observation) => {
    telemetry.stepEnded(observation);
    if (observation.report.reason === 'slotPassed') missedSlots.note();
    if (observation.analysed !== undefined) series.analysed(observation.analysed, observation.durationMs);
  };
}

const checksObserved = ({ telemetry, values }: WorkerParts): ChecksObserved => ({
  onHook: telemetry.hookCalled,
  onQuery: telemetry.metricQueried,
  onValue: (...noted) => values.note(...noted),
});

const paceReaderOf = ({ redis, config, clock, log }: WorkerParts): PaceReader =>
  createPaceReader({ store: createPaceStore({ redis, prefix: config.redisPrefix }), clock, log });

function announcerOf(parts: WorkerParts): Deliver {
  const { redis, config, alerts, alertRouter, events, eventWebhooks, series, clock, log } = parts;
  const markers = createSentMarkers({ redis, prefix: config.redisPrefix });
  return createAnnouncer({
    markers,
    event: async (about, event, signal) => {
      await events.record(about.kind === 'accepted' ? about.canary : about.identity, event, signal);
      if (about.kind === 'accepted') eventWebhooks.tell(about.canary, event);
    },
    alert: createAlertDispatch({ alerts, route: alertRouter, markers }),
    count: (canary, count) => series.runEnded(canary, count),
    clock,
    log,
  });
}

/** @param waiting a connection whose commands wait while Redis is away */
export function createAlertProcessor(parts: WorkerParts, queue: BullAlertQueue, waiting: Redis): AlertConsumer {
  const { client, config, redis, alertRouter, events, telemetry, tracing, clock, log } = parts;
  return createAlertConsumer({
    read: createAlertedCanaries({ client, defaultProvider: config.defaultProvider }),
    route: alertRouter,
    lanes: createAlertLanes({ redis, prefix: config.redisPrefix, clock }),
    isPending: async (jobId) =>
      ['wait', 'waiting', 'prioritized', 'delayed', 'active'].includes(await queue.getJobState(jobId)),
    dueTimeOf: (jobId) => dueTimeOf({ queue, redis }, jobId),
    warn: (canary, { id, message }) => events.record(canary, { id: `setup-${id}`, type: 'Warning', message }),
    markers: createSentMarkers({ redis: waiting, prefix: config.redisPrefix }),
    onGivenUp: () => telemetry.alertGivenUp(),
    clock,
    log,
    tracing,
  });
}
