/**
 * How a worker that is to drain the queues learns that nothing is due any more. What is to be tried again is not due before
 * its time: it is left to whoever works then, as a receiver of alerts may be away for minutes. But a step that this process
 * has put back for some seconds it waits for: where nobody stays, a roll-back would not go on before the next tick.
 */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { turnDelayMs } from './jobs/alerts.ts';
import { mostLookMs } from './step/slot-place.ts';
import { messageOf } from '../platform/error-message.ts';

export interface DrainOptions {
  /** How many jobs may run now or do, of each queue; and how many come again soon. */
  readonly backlogs: readonly (() => Promise<number>)[];
  /** Milliseconds for which no look may succeed, as while Redis is away, before that is the end. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const pollMs = 250;
/**
 * Quiet polls in a row: a job may be on its way from one list to another while it is looked for, and one that was put back
 * because another one ran is due by the last of them.
 */
const quietPolls = 1 + turnDelayMs / pollMs;

/**
 * Resolves when nothing is due in any queue. Rejects with the signal's reason, and when the queues could not be looked at
 * for too long.
 */
export async function drained(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  const look = createLook(options, signal);
  let quiet = 0;
  while (quiet < quietPolls) {
    quiet = (await look()) ? quiet + 1 : 0;
    if (quiet < quietPolls) await clock.sleep(pollMs, signal);
  }
}

/** Steps that this process has put back. Each is put back until its slot is over and no longer, which bounds the wait for it. */
export interface PutBacks {
  /** @param until when it comes again, in epoch milliseconds */
  note(until: number): void;
  /** 1 while one will come again within seconds, else 0. */
  coming(): number;
}

export function createPutBacks(clock: Pick<Clock, 'now'>): PutBacks {
  let last = -Infinity;
  return {
    note: (until) => {
      if (until - clock.now() <= mostLookMs) last = Math.max(last, until);
    },
    coming: () => (last > clock.now() ? 1 : 0),
  };
}

/** Whether nothing is due; what could not be looked at may be. */
function createLook({ backlogs, patienceMs, clock, log }: DrainOptions, signal: AbortSignal) {
  let seenAt = clock.now();
  let isBlind = false;
  return async (): Promise<boolean> => {
    try {
      const left = await Promise.all(backlogs.map((backlog) => backlog()));
      seenAt = clock.now();
      isBlind = false;
      return left.every((open) => open === 0);
    } catch (cause) {
      signal.throwIfAborted();
      const reason = messageOf(cause);
      if (clock.now() - seenAt >= patienceMs) {
        throw new Error(`expected to see what is due within ${patienceMs} ms, got no answer from Redis (${reason})`, {
          cause,
        });
      }
      if (!isBlind) log.warn({ reason, patienceMs }, 'what is due cannot be seen, looking again');
      isBlind = true;
      return false;
    }
  };
}
