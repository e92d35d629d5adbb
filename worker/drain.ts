/** How a worker that is to drain the queues learns that nothing is due any more. */
import type { Clock } from '../platform/clock.ts';

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
  readonly clock: Clock;
}

const pollMs = 250;
/** Quiet polls in a row: a job may be on its way from one list to another while it is looked for. */
const quietPolls = 3;

/** Resolves when nothing is due in any queue. Rejects with the signal's reason. */
export async function drained({ backlogs, clock }: DrainOptions, signal: AbortSignal): Promise<void> {
  let quiet = 0;
  while (quiet < quietPolls) {
    const left = await Promise.all(backlogs.map((backlog) => backlog()));
    quiet = left.some((one) => isOpen(one, clock.now())) ? 0 : quiet + 1;
    if (quiet < quietPolls) await clock.sleep(pollMs, signal);
  }
}

const isOpen = ({ open, nextDueAt }: Backlog, now: number): boolean =>
  open > 0 || (nextDueAt !== undefined && nextDueAt <= now);
