/** Turns changes that the watches tell into wake jobs. A wake that gets lost is made up for by the canary's next slot. */
import type { Schedule } from '../canary/schedule.ts';
import type { Cancel, Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { resourceLabel } from '../platform/kubernetes-path.ts';
import { canaries } from '../platform/resources.ts';
import type { Sight } from '../queue/step-job.ts';
import type { StepQueue } from '../queue/step-queue.ts';
import type { FollowedChange } from './followed-watch.ts';
import type { Followers } from './followers.ts';

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
  /** Wakes that are held back are not sent any more. */
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

export function createWaker({ queue, followers, clock, log }: WakerOptions): Waker {
  const send = ({ schedule, cause, seen, isUrgent = false }: Wake): void => {
    const canary = `${schedule.namespace}/${schedule.name}`;
    const sent = schedule.leaving
      ? queue.finalize(schedule, cause, { seen })
      : queue.wake(schedule, cause, { isUrgent, seen });
    sent.then(
      () => log.debug({ canary, cause }, 'canary woken'),
      (error: unknown) => log.warn({ err: error, canary, cause }, 'canary not woken; its next slot makes up for it'),
    );
  };
  const calm = createCalm(send, clock);
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
    stop: calm.stop,
  };
}

/** Lets the first few of a series through at once, and of what follows within the time only the last, when it is over. */
function createCalm(send: (wake: Wake) => void, clock: Pick<Clock, 'after'>) {
  const series = new Map<string, { sent: number; last: Wake | undefined; cancel: Cancel }>();
  const begin = (key: string, wake: Wake, sent: number): void => {
    send(wake);
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
        send(wake);
      } else running.last = wake;
    },
    stop: (): void => {
      for (const { cancel } of series.values()) cancel();
      series.clear();
    },
  };
}
