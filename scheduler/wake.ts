/**
 * Turns changes that the watches tell into wake jobs. One that the queue refuses is sent again until it is taken; one that gets
 * lost after that is made up for by the canary's next slot.
 */
import type { Schedule } from '../canary/schedule.ts';
import type { Cancel, Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { resourceLabel } from '../platform/kubernetes/path.ts';
import { canaries } from '../platform/kubernetes/resources.ts';
import type { Sight } from '../queue/step-job.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { FollowedChange } from './followed-watch.ts';
import type { Followers } from './followers.ts';
import { createOwedWakes } from './owed-wakes.ts';

export interface WakerOptions {
  readonly queue: Pick<StepQueue, 'wake' | 'finalize'>;
  readonly followers: Pick<Followers, 'of'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
}

/** What of a Canary has changed: its spec (a new one counts, and one that is being deleted), or what our annotations say. */
export interface CanaryEdit {
  readonly kind: 'spec' | 'wishes';
  readonly resourceVersion: string;
}

export interface Waker {
  canaryChanged(schedule: Schedule, edit: CanaryEdit): void;
  followedChanged(change: FollowedChange): void;
  /** Wakes that are held back or were refused are not sent any more. */
  stop(): void;
}

/** Milliseconds between two wakes of a canary by one object that changes again and again; the last change is never lost. */
const stormMs = 1_000;
/** So many changes within that time are no storm: a user edits, suspends and annotates. */
const atOnce = 3;

interface Wake {
  readonly schedule: Schedule;
  readonly cause: string;
  readonly seen: Sight;
  /** Somebody tells the canary something: that is not to wait behind releases. */
  readonly isUrgent?: boolean;
}

/** Its methods return at once and never throw: a wake that the queue refuses is logged and sent again. */
export function createWaker({ queue, followers, clock, log }: WakerOptions): Waker {
  const give = async ({ schedule, cause, seen, isUrgent = false }: Wake): Promise<void> => {
    if (schedule.leaving) await queue.finalize(schedule, cause, { seen });
    else await queue.wake(schedule, cause, { isUrgent, seen });
    log.debug({ canary: shown(schedule), cause }, 'canary woken');
  };
  const onRefused = ({ schedule, cause }: Wake, error: unknown): void =>
    log.warn(
      { err: error, canary: shown(schedule), cause },
      'canary not woken yet; trying again until the queue takes it',
    );
  const owed = createOwedWakes({ give, clock, onRefused });
  const calm = createCalm((series, wake) => owed.send(series, wake), clock);
  const wake = (source: string, wanted: Wake): void => {
    if (wanted.schedule.leaving && wanted.schedule.idle) return;
    calm.offer(`${wanted.schedule.uid} ${source}`, wanted);
  };
  return {
    canaryChanged: (schedule, edit) => {
      const cause = edit.kind === 'spec' ? `canary-${schedule.generation}` : `wishes-${edit.resourceVersion}`;
      const seen: Sight = `${resourceLabel(canaries)}=${edit.resourceVersion}`;
      wake('canary', { schedule, cause, seen, isUrgent: edit.kind === 'wishes' });
    },
    followedChanged: ({ namespace, object, cause, seen }) => {
      for (const schedule of followers.of(namespace, object)) wake(object, { schedule, cause, seen });
    },
    stop: () => {
      calm.stop();
      owed.stop();
    },
  };
}

const shown = ({ namespace, name }: Schedule): string => `${namespace}/${name}`;

/** Lets the first few of a series through at once, and of what follows within the time only the last, when it is over. */
function createCalm(send: (key: string, wake: Wake) => void, clock: Pick<Clock, 'after'>) {
  const series = new Map<string, { sent: number; last: Wake | undefined; cancel: Cancel }>();
  const begin = (key: string, wake: Wake, sent: number): void => {
    send(key, wake);
    const cancel = clock.after(stormMs, () => {
      const last = series.get(key)?.last;
      series.delete(key);
      if (last !== undefined) begin(key, last, atOnce);
    });
    series.set(key, { sent, last: undefined, cancel });
  };
  return {
    offer: (key: string, wake: Wake): void => {
      const running = series.get(key);
      if (running === undefined) begin(key, wake, 1);
      else if (running.sent < atOnce) {
        running.sent += 1;
        send(key, wake);
      } else running.last = wake;
    },
    stop: (): void => {
      for (const { cancel } of series.values()) cancel();
      series.clear();
    },
  };
}
