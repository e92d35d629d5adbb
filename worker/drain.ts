/** How a worker that is to drain the queues learns that nothing is due any more. */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

/** What is left in a queue. */
export interface Backlog {
  /** Jobs that may run now or do. */
  readonly open: number;
  /** When the next job is due, in epoch milliseconds; undefined when none is. */
  readonly nextDueAt: number | undefined;
}

export interface DrainOptions {
  /** One per queue. */
  readonly backlogs: readonly (() => Promise<Backlog>)[];
  /** Milliseconds for which no look may succeed, as while Redis is away, before that is the end. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const pollMs = 250;
/** Quiet polls in a row: a job may be on its way from one list to another while it is looked for. */
const quietPolls = 3;

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

/** Whether nothing is due; what could not be looked at may be. */
function createLook({ backlogs, patienceMs, clock, log }: DrainOptions, signal: AbortSignal) {
  let seenAt = clock.now();
  let isBlind = false;
  return async (): Promise<boolean> => {
    try {
      const left = await Promise.all(backlogs.map((backlog) => backlog()));
      seenAt = clock.now();
      isBlind = false;
      return !left.some((one) => isOpen(one, seenAt));
    } catch (cause) {
      signal.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
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

const isOpen = ({ open, nextDueAt }: Backlog, now: number): boolean =>
  open > 0 || (nextDueAt !== undefined && nextDueAt <= now);
