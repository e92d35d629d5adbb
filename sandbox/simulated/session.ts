/**
 * A Canary that lives in memory beside a simulated cluster: its status, what was announced of it, and its slots.
 * A step may be told to die at an action, as a killed worker does.
 */
import type { Action, StepOutcome } from '../../canary/action.ts';
import type { Announcement, Canary, CanaryStatus } from '../../canary/canary.ts';
import type { SimulatedCluster } from './cluster.ts';
import { runStep } from './run-step.ts';

export interface Delivered {
  readonly at: number;
  readonly announcement: Announcement;
}

/** Dies before or after the n-th action of a step (saving counts as one). */
export interface Crash {
  readonly action: number;
  readonly when: 'before' | 'after';
}

export interface Performed {
  readonly at: number;
  readonly action: Action;
}

export interface Saved {
  readonly at: number;
  readonly slot: number;
  readonly status: CanaryStatus;
}

export interface Session {
  readonly saved: () => readonly Saved[];
  readonly canary: () => Canary;
  readonly delivered: () => readonly Delivered[];
  readonly performed: () => readonly Performed[];
  /** Runs the step of a slot at a time; `died` when a crash ended it. */
  readonly step: (now: number, options?: StepOptions) => StepOutcome | 'conflict' | 'died';
  readonly slotAt: (now: number) => number;
}

export interface StepOptions {
  readonly crash?: Crash;
  /** Something that happens right before the n-th action. */
  readonly before?: { readonly action: number; readonly run: () => void };
  /** Actions that fail in this step, by kind. */
  readonly failing?: ReadonlySet<Action['kind']>;
}

class Died extends Error {}

export function createSession(initial: Canary, cluster: SimulatedCluster): Session {
  let canary = initial;
  const delivered: Delivered[] = [];
  const performed: Performed[] = [];
  const saved: Saved[] = [];
  const sent = new Set<string>();

  const slotAt = (now: number): number => Math.floor(now / canary.spec.analysis.intervalMs);

  /** Delivery is idempotent by id, as the outbox makes it. */
  function deliver(announcements: readonly Announcement[], at: number): void {
    for (const announcement of announcements) {
      if (sent.has(announcement.id)) continue;
      sent.add(announcement.id);
      delivered.push({ at, announcement });
    }
  }

  function save(status: CanaryStatus, at: number): void {
    saved.push({ at, slot: slotAt(at), status });
    canary = { ...canary, status, resourceVersion: String(Number(canary.resourceVersion) + 1) };
  }

  function step(now: number, options: StepOptions = {}): StepOutcome | 'conflict' | 'died' {
    let count = 0;
    const dieAt = (when: Crash['when']): void => {
      if (options.crash?.action === count && options.crash.when === when) throw new Died();
    };
    const counted = <T>(effect: () => T): T => {
      count += 1;
      if (options.before?.action === count) options.before.run();
      dieAt('before');
      const result = effect();
      dieAt('after');
      return result;
    };
    deliver(canary.status.outbox, now);
    const read: Canary = { ...canary, status: { ...canary.status, outbox: [] } };
    try {
      const outcome = runStep(
        read,
        { now, slot: slotAt(now) },
        {
          perform: (action) =>
            counted(() => {
              if (options.failing?.has(action.kind) === true) {
                return {
                  ok: false,
                  failure: { reason: 'unavailable', message: `${action.kind}: the API server is gone` },
                };
              }
              performed.push({ at: now, action });
              return cluster.perform(action, now);
            }),
          save: (status, announcements) => {
            counted(() => save({ ...status, outbox: announcements }, now));
            deliver(announcements, now);
            return true;
          },
          announce: (announcements) => deliver(announcements, now),
        },
      );
      return outcome;
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    }
  }

  return {
    saved: () => saved,
    canary: () => canary,
    delivered: () => delivered,
    performed: () => performed,
    step,
    slotAt,
  };
}
