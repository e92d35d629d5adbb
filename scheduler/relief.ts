/** What a scheduler does about a Redis that is full: it makes room and ticks again. */
import type { Logger } from '../platform/observability/logger.ts';
import { isRefusedForMemory } from '../platform/redis/full.ts';
import type { Relief } from '../queue/relief.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { Tick } from './tick.ts';

export interface RelievedTickOptions {
  readonly tick: Tick;
  readonly queue: Pick<StepQueue, 'relieve'>;
  readonly log: Logger;
  /** Told of what was removed. */
  readonly onRelief?: ((relief: Relief) => void) | undefined;
}

/**
 * A tick that Redis refuses for want of memory is made once more when jobs that had ended could be removed. Fails as that
 * one does, or as the first when there was nothing to remove.
 */
export function createRelievedTick({ tick, queue, log, onRelief }: RelievedTickOptions): Tick {
  return async (signal) => {
    try {
      return await tick(signal);
    } catch (error) {
      if (!isRefusedForMemory(error)) throw error;
      const relief = await queue.relieve();
      tell(relief, log);
      onRelief?.(relief);
      if (relief.removed.completed + relief.removed.failed === 0) throw error;
      return tick(signal);
    }
  };
}

const cure =
  'raise maxmemory and the limit of its pod, or, with a scheduler that keeps running, shorten HORIZON for it and the workers ' +
  '(docs/capacity.md)';

function tell({ removed, before, after }: Relief, log: Logger): void {
  const memory = { maxmemory: before.limit, usedBefore: before.used, usedAfter: after.used };
  const fields = { ...memory, removedCompleted: removed.completed, removedFailed: removed.failed, cure };
  if (removed.completed + removed.failed > 0) log.error(fields, 'redis is full; jobs that had ended were removed');
  else log.error(fields, 'redis is full, and no job that has ended is left to remove');
}
