/** Turns changes that the watches tell into wake jobs. A wake that gets lost is made up for by the canary's next slot. */
import type { Schedule } from '../canary/schedule.ts';
import type { Logger } from '../platform/logger.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { TargetChange } from './target-watch.ts';

export interface WakerOptions {
  readonly queue: Pick<StepQueue, 'wake' | 'finalize'>;
  /** All canaries as known now. */
  readonly canaries: () => Iterable<Schedule>;
  readonly log: Logger;
}

export interface Waker {
  /** A Canary that is new, has a new spec, or is being deleted. */
  canaryChanged(schedule: Schedule): void;
  targetChanged(change: TargetChange): void;
}

export function createWaker({ queue, canaries, log }: WakerOptions): Waker {
  const wake = (schedule: Schedule, cause: string): void => {
    const canary = `${schedule.namespace}/${schedule.name}`;
    if (schedule.leaving && schedule.idle) return;
    (schedule.leaving ? queue.finalize(schedule, cause) : queue.wake(schedule, cause)).then(
      () => log.debug({ canary, cause }, 'canary woken'),
      (error: unknown) => log.warn({ err: error, canary, cause }, 'canary not woken; its next slot makes up for it'),
    );
  };
  return {
    canaryChanged: (schedule) => wake(schedule, `canary-${schedule.generation}`),
    targetChanged: (change) => {
      for (const schedule of canaries()) {
        if (isTargetOf(schedule, change)) wake(schedule, change.cause);
      }
    },
  };
}

const isTargetOf = (schedule: Schedule, change: TargetChange): boolean =>
  schedule.namespace === change.namespace &&
  schedule.target?.kind === change.kind &&
  schedule.target.name === change.name;
