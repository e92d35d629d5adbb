/** Puts together what tells others: events, event webhooks, alerts. */
import { createTracedSender } from '../platform/http/traced-http.ts';
import { createAlertQueue } from '../queue/alert-queue.ts';
import type { WorkerParts } from './assemble.ts';
import { createEventRecorder } from './announcements/events.ts';
import { createEventWebhooks } from './announcements/event-webhooks.ts';
import { createAlertRouter } from './notifiers/alert-router.ts';
import { createHookCaller } from './webhooks/call.ts';

type Tellers = Pick<WorkerParts, 'alerts' | 'alertRouter' | 'events' | 'eventWebhooks'>;

export function createTellers(parts: Omit<WorkerParts, keyof Tellers>): Tellers {
  const { config, client, http, redis, telemetry, tracing, clock, random, log } = parts;
  const call = createHookCaller({
    http: createTracedSender(http, tracing),
    clock,
    random,
    observe: telemetry.hookCalled,
  });
  return {
    alerts: createAlertQueue({ redis, prefix: config.redisPrefix, log, clock, tracing }),
    alertRouter: createAlertRouter({
      client,
      http,
      log,
      global: config.slack,
      clusterName: config.clusterName,
      openNamespaces: config.openNamespaces,
    }),
    events: createEventRecorder({ client, clock, instance: config.instance }),
    eventWebhooks: createEventWebhooks({ call, globalUrl: config.eventWebhookUrl, clock, log }),
  };
}
