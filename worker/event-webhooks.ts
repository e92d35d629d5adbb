/**
 * Tells event webhooks what happened: outside of the step, in order for each Canary, in a queue of bounded length.
 * Specification of events and alerts, section 6.
 */
import type { Canary } from '../canary/canary.ts';
import type { Webhook } from '../canary/spec.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { EventAnnouncement } from './announce.ts';
import type { HookCaller } from './webhooks/call.ts';

export interface EventWebhooksOptions {
  readonly call: HookCaller;
  /** Who is told of events of Canaries that name no receiver; empty: nobody. */
  readonly globalUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface EventWebhooks {
  /** Returns at once. An event that finds the queue full is dropped and logged. */
  tell(canary: Canary, event: EventAnnouncement): void;
  /** Waits for the calls under way; those that outlast the signal are given up. */
  close(signal: AbortSignal): Promise<void>;
}

/** Calls that wait or run in this process. */
const longestQueue = 1_000;
const globalTimeoutMs = 10_000;

export function createEventWebhooks(options: EventWebhooksOptions): EventWebhooks {
  const { clock, log } = options;
  const controller = new AbortController();
  const lanes = new Map<string, Promise<void>>();
  let waiting = 0;

  const enqueue = (canary: Canary, work: () => Promise<void>): void => {
    const lane = (lanes.get(canary.uid) ?? Promise.resolve()).then(work).finally(() => {
      waiting -= 1;
      if (lanes.get(canary.uid) === lane) lanes.delete(canary.uid);
    });
    lanes.set(canary.uid, lane);
    waiting += 1;
  };
  return {
    tell: (canary, event) => {
      const at = clock.now();
      for (const hook of receiversOf(canary, options.globalUrl)) {
        if (waiting < longestQueue)
          enqueue(canary, () => callOne(options, { canary, event, hook, at }, controller.signal));
        else
          log.warn({ canary: nameOf(canary), hook: hook.name }, 'event webhook not told: too many calls are waiting');
      }
    },
    close: async (signal) => {
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
      await Promise.all(lanes.values());
    },
  };
}

interface Telling {
  readonly canary: Canary;
  readonly event: EventAnnouncement;
  readonly hook: Webhook;
  /** Epoch milliseconds. */
  readonly at: number;
}

async function callOne(
  { call, clock, log }: EventWebhooksOptions,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> {
  const { canary, event, hook, at } = telling;
  const context = { canary, now: clock.now(), signal, fence: async () => undefined };
  const about = { phase: event.phase, checksum: event.checksum, idempotencyKey: `event-${event.id}` };
  try {
    const answer = await call(context, { kind: 'callHook', hook: withEvent(hook, event, at), ...about });
    if (!answer.passed) throw new Error(answer.detail);
  } catch (error) {
    log.warn({ err: error, canary: nameOf(canary), hook: hook.name }, 'error sending event to webhook');
  }
}

/** The three keys of ours win over those of the user. */
const withEvent = (hook: Webhook, { message, type }: EventAnnouncement, at: number): Webhook => ({
  ...hook,
  metadata: { ...hook.metadata, eventMessage: message, eventType: type, timestamp: String(at) },
});

/** Receivers that the Canary names take the place of the operator's. */
function receiversOf(canary: Canary, globalUrl: string): readonly Webhook[] {
  const own = canary.spec.analysis.webhooks.filter(({ type }) => type === 'event');
  if (own.length > 0 || globalUrl === '') return own;
  return [
    {
      name: 'global',
      type: 'event',
      url: globalUrl,
      timeoutMs: globalTimeoutMs,
      retries: 0,
      metadata: {},
      muteAlert: false,
      disableTLS: false,
    },
  ];
}

const nameOf = ({ namespace, name }: Canary): string => `${namespace}/${name}`;
