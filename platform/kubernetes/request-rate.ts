/**
 * How many requests a process sends: a token bucket with a share that is kept for urgent ones, which slows down while the
 * server refuses.
 *
 *   refused (429, or 503 with Retry-After) ──▶ nothing ordinary until Retry-After is over, then at half the rate
 *   not refused any more                   ──▶ the rate grows back evenly within half a minute
 *
 * Urgent requests pay from their own share first, which ordinary ones never touch, then from what is left of the rest. The
 * pause is not theirs, and only a refusal of an urgent request slows them down.
 */
import { onAbort } from '../abort.ts';
import type { Cancel, Clock } from '../clock.ts';
import { createRequestLane } from './request-lane.ts';
import type { RequestLane } from './request-lane.ts';

export interface RateOptions {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Requests a second in the long run, above 0. */
  readonly qps: number;
  /** Requests that may go out at once after a rest, at least 1. */
  readonly burst: number;
  /** Part of both that is kept for urgent requests, from 0 to below 1. Default 0.2. */
  readonly urgentShare?: number | undefined;
}

export interface RequestRate {
  /** Resolves when the request may be sent; rejects with the signal's reason. In order within urgent and ordinary ones. */
  take(wanted: Turn): Promise<void>;
  /** The server has refused a request for having too many. */
  refused(refusal: { readonly urgent: boolean; readonly retryAfterMs: number | undefined }): void;
  /** Requests a second that may be sent now in the long run, urgent ones included. */
  allowed(): number;
}

interface Turn {
  readonly urgent: boolean;
  readonly signal?: AbortSignal | undefined;
}

const defaultUrgentShare = 0.2;
const leastOrdinary = 1 / 32;
const leastUrgent = 1 / 4;
/** However long the server asks for: its word may be old by then. */
const longestPauseMs = 30_000;

/** Begins as after a rest. A share of less than one request counts as one. */
export function createRequestRate(options: RateOptions): RequestRate {
  const { clock } = options;
  const { urgent, ordinary } = createLanes(options);
  let cancel: Cancel | undefined;
  const classOf = (turn: Pick<Turn, 'urgent'>): Class => (turn.urgent ? urgent : ordinary);
  const serve = (): void => {
    cancel?.();
    cancel = undefined;
    const waits = [urgent, ordinary].flatMap((one) => letThrough(one, clock.now()));
    if (waits.length > 0) cancel = clock.after(Math.max(1, Math.ceil(Math.min(...waits))), serve);
  };
  return {
    take: async (turn) => {
      turn.signal?.throwIfAborted();
      const { waiting, lanes } = classOf(turn);
      if (waiting.size === 0 && lanes.some((lane) => lane.pay(clock.now()))) return;
      await queued(waiting, turn.signal, serve);
    },
    refused: ({ urgent: isUrgent, retryAfterMs = 0 }) => {
      ordinary.own.refused(clock.now(), Math.min(retryAfterMs, longestPauseMs));
      if (isUrgent) urgent.own.refused(clock.now(), 0);
      serve();
    },
    allowed: () => urgent.own.rate(clock.now()) + ordinary.own.rate(clock.now()),
  };
}

/** Urgent requests or ordinary ones. */
interface Class {
  readonly waiting: Set<() => void>;
  readonly own: RequestLane;
  /** Those that it may pay from, its own first. */
  readonly lanes: readonly RequestLane[];
}

function createLanes({ clock, qps, burst, urgentShare = defaultUrgentShare }: RateOptions) {
  const lane = (share: number, least: number): RequestLane =>
    createRequestLane({ qps: qps * share, burst: burst * share, least }, clock.now());
  const [kept, rest] = [lane(urgentShare, leastUrgent), lane(1 - urgentShare, leastOrdinary)];
  const urgent: Class = { waiting: new Set(), own: kept, lanes: [kept, rest] };
  const ordinary: Class = { waiting: new Set(), own: rest, lanes: [rest] };
  return { urgent, ordinary };
}

/** Lets those go whose turn it is; milliseconds until the next one's, if any are left. */
function letThrough({ waiting, lanes }: Class, now: number): readonly number[] {
  for (const go of waiting) {
    if (!lanes.some((lane) => lane.pay(now))) return [Math.min(...lanes.map((lane) => lane.waitMs(now)))];
    waiting.delete(go);
    go();
  }
  return [];
}

function queued(queue: Set<() => void>, signal: AbortSignal | undefined, serve: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      release();
      resolve();
    };
    const release = onAbort(signal, (reason) => {
      queue.delete(go);
      reject(reason);
    });
    queue.add(go);
    serve();
  });
}
