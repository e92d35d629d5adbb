/** An alert in back-off, as BullMQ leaves it in a real queue. */
import type { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { alertAttempts, alertJobName } from '../../queue/alert-job.ts';
import { openAlertQueue } from '../../queue/alert-queue.ts';
import type { BullAlertQueue } from '../../queue/alert-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { startAlertWorker } from '../../worker/jobs/queue-workers.ts';

export interface AlertPlace {
  readonly redis: Redis;
  readonly prefix: string;
  readonly url: string;
}

/**
 * An alert that was raised so many milliseconds ago, refused just now, and is to be sent again after the pause.
 *
 * @returns its queue, which the caller closes
 */
export async function refusedAlert(
  { redis, prefix, url }: AlertPlace,
  { raisedMsAgo, pauseMs }: Record<'raisedMsAgo' | 'pauseMs', number>,
): Promise<BullAlertQueue> {
  const alerts = openAlertQueue({ redis, prefix, log });
  const alert = {
    id: 'x',
    severity: 'error',
    message: 'Failed checks threshold reached 5',
    withMetadata: false,
  } as const;
  await alerts.add(
    alertJobName,
    { ns: 'test', name: 'podinfo', uid: 'abcdefgh', alert, delivery: 'x.global' },
    { timestamp: clock.now() - raisedMsAgo, attempts: alertAttempts, backoff: { type: 'fixed', delay: pauseMs } },
  );
  const consumer = createRedis({ url, role: 'consumer', connectionName: 'alerts', log });
  const worker = startAlertWorker({
    redis: consumer,
    prefix,
    concurrency: 1,
    keepFinishedMs: 60_000,
    clock,
    random: Math.random,
    log,
    consume: async () => Promise.reject(new Error('503')),
  });
  await waitFor({
    what: 'the alert to be refused',
    seconds: 5,
    look: async () => ((await alerts.getDelayedCount()) === 1 ? true : undefined),
  });
  await worker.close(0);
  consumer.disconnect();
  return alerts;
}
