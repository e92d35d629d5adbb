/** Puts together what one worker shows for all. */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import { programVersion } from '../platform/version.ts';
import type { BullAlertQueue } from '../queue/alert-queue.ts';
import { createPaceStore } from '../queue/pace-store.ts';
import type { openStepQueue } from '../queue/step-queue.ts';
import { createTickMark } from '../queue/tick-mark.ts';
import type { WorkerParts } from './assemble.ts';
import { createCanaryGauges } from './telemetry/canary-gauges.ts';
import { startClusterGauges } from './telemetry/cluster-gauges.ts';
import type { ClusterGauges } from './telemetry/cluster-gauges.ts';
import type { Leases } from './step/lease.ts';
import { createOutboxAge } from './telemetry/outbox-age.ts';
import { createQueueGauges } from './telemetry/queue-gauges.ts';
import { createRunGauges } from './runs/run-gauges.ts';
import { createSentMarkers } from './announcements/sent-markers.ts';

export interface GaugesOptions {
  readonly parts: Pick<WorkerParts, 'config' | 'redis' | 'index' | 'values'> & {
    readonly clock: Clock;
    readonly log: Logger;
  };
  readonly queues: { readonly steps: ReturnType<typeof openStepQueue>; readonly alerts: BullAlertQueue };
  readonly leases: Leases;
  readonly metrics: Metrics;
}

export function startGauges({ parts, queues, leases, metrics }: GaugesOptions): ClusterGauges {
  const { config, redis, index, values, clock, log } = parts;
  const keys = { redis, prefix: config.redisPrefix };
  const outbox = createOutboxAge({ index, markers: createSentMarkers(keys), clock });
  const sources = [
    ...createCanaryGauges({ index, values, version: programVersion(), defaultProvider: config.defaultProvider }),
    createRunGauges(index),
    ...createQueueGauges({
      steps: queues.steps,
      alerts: queues.alerts,
      ticks: createTickMark(keys),
      pace: createPaceStore(keys),
      outbox,
    }),
  ];
  return startClusterGauges({ metrics, sources, leases, clock, log });
}
