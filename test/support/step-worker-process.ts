/**
 * A worker process that holds every step it takes until it is killed, for tests that kill it.
 *
 * Arguments: Redis URL, prefix. Prints `held <job id>` when it has begun.
 */
import { randomUUID } from 'node:crypto';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { createLeases } from '../../worker/step/lease.ts';
import { createProcessor } from '../../worker/jobs/processor.ts';
import { startStepWorker } from '../../worker/jobs/queue-workers.ts';

const [url = '', prefix = ''] = process.argv.slice(2);
const redis = createRedis({ url, role: 'producer', connectionName: 'held', log });
const nothing = (): void => undefined;

startStepWorker({
  redis: createRedis({ url, role: 'consumer', connectionName: 'held-worker', log }),
  prefix,
  process: createProcessor({
    takeStep: async ({ job }) => {
      process.stdout.write(`held ${job.canary.name}\n`);
      return new Promise(nothing);
    },
    leases: createLeases({ redis, prefix, clock, newToken: randomUUID, ttlMs: 6_000, log }),
    clock,
    stepTimeoutMs: 60_000,
    isServed: () => true,
    log,
    onAction: nothing,
    onEnd: nothing,
    onBusy: nothing,
  }),
  concurrency: 1,
  keepFinishedMs: 60_000,
  clock,
  random: Math.random,
  log,
  onFailed: nothing,
});
