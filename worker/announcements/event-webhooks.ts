/**
 * Tells event webhooks what happened: outside of the step, in order for each receiver of a Canary, in a queue of bounded length.
 * Specification of events and alerts, section 6.
 */
import type { Canary } from '../../canary/canary.ts';
import { idempotencyKey } from '../../canary/identity.ts';
import type { Webhook } from '../../canary/spec.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { EventAnnouncement } from './announce.ts';
import type { HookCaller } from '../webhooks/call.ts';

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
/** Of one receiver of a Canary: one that hangs is not to use up the room of the others. */
const longestLane = 50;
const globalTimeoutMs = 10_000;

export function createEventWebhooks(options: EventWebhooksOptions): EventWebhooks {
  const { clock, log } = options;
  const controller = new AbortController();
  const lanes = new Map<string, Lane>();
  let waiting = 0;

  const enqueue = (key: string, work: () => Promise<void>): boolean => {
    const lane = lanes.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (waiting >= longestQueue || lane.length >= longestLane) return false;
    lanes.set(key, lane);
    lane.length += 1;
    waiting += 1;
    lane.last = lane.last.then(work).finally(() => {
      lane.length -= 1;
      waiting -= 1;
      if (lane.length === 0) lanes.delete(key);
    });
    return true;
  };
  return {
    tell: (canary, event) => {
      const at = clock.now();
      for (const { hook, id } of receiversOf(canary, options.globalUrl)) {
        const telling = { canary, event, hook, id, at };
        if (enqueue(`${canary.uid} ${id}`, () => callOne(options, telling, controller.signal))) continue;
        log.warn({ canary: nameOf(canary), hook: hook.name }, 'event webhook not told: too many calls are waiting');
      }
    },
    close: async (signal) => {
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
      await Promise.all([...lanes.values()].map(({ last }) => last));
    },
  };
}

/** The calls to one receiver of a Canary, one after the other. */
interface Lane {
  last: Promise<void>;
  /** Calls that wait or run. */
  length: number;
}

interface Receiver {
  readonly hook: Webhook;
  /** Tells it from the other receivers of the Canary. */
  readonly id: string;
}

interface Telling extends Receiver {
  readonly canary: Canary;
  readonly event: EventAnnouncement;
  /** Epoch milliseconds. */
  readonly at: number;
}

async function callOne(
  { call, clock, log }: EventWebhooksOptions,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> {
  const { canary, event, hook, id, at } = telling;
  const context = { canary, now: clock.now(), endsAt: Infinity, signal, fence: async () => undefined };
  const key = idempotencyKey({ canary, run: event.id, slot: 0, hook: id });
  const about = { phase: event.phase, checksum: event.checksum, idempotencyKey: key };
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
function receiversOf(canary: Canary, globalUrl: string): readonly Receiver[] {
  const own = canary.spec.analysis.webhooks.filter(({ type }) => type === 'event');
  if (own.length > 0) return own.map((hook, index) => ({ hook, id: `event/${hook.name} #${index}` }));
  return globalUrl === '' ? [] : [{ hook: globalHook(globalUrl), id: 'event' }];
}

const globalHook = (url: string): Webhook => ({
  name: 'global',
  type: 'event',
  url,
  timeoutMs: globalTimeoutMs,
  retries: 0,
  metadata: {},
  muteAlert: false,
  disableTLS: false,
});

const nameOf = ({ namespace, name }: Canary): string => `${namespace}/${name}`;
