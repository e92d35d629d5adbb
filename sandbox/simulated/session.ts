/**
 * A Canary that lives in memory beside a simulated cluster: its status, what was announced of it, and its slots.
 * A step may be told to die at an action, as a killed worker does.
 */
import type { Action, Outcome, StepOutcome } from '../../canary/action.ts';
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

export type SessionOutcome = StepOutcome | 'conflict' | 'died';

export interface Session {
  readonly canary: () => Canary;
  readonly saved: () => readonly Saved[];
  readonly delivered: () => readonly Delivered[];
  readonly performed: () => readonly Performed[];
  /** Runs the step of a slot at a time; `died` when a crash ended it. */
  readonly step: (now: number, options?: StepOptions) => SessionOutcome;
}

export interface StepOptions {
  readonly crash?: Crash;
  /** Something that happens right before the n-th action. */
  readonly before?: { readonly action: number; readonly run: () => void };
  /** Actions that fail in this step, by kind. */
  readonly failing?: ReadonlySet<Action['kind']>;
}

class Died extends Error {}

/** Counts the actions of a step and ends it where the options say. */
function createMeter({ crash, before }: StepOptions): <T>(effect: () => T) => T {
  let count = 0;
  const dieIf = (when: Crash['when']): void => {
    if (crash?.action === count && crash.when === when) throw new Died();
  };
  return (effect) => {
    count += 1;
    if (before?.action === count) before.run();
    dieIf('before');
    const result = effect();
    dieIf('after');
    return result;
  };
}

const unreachable = (kind: string): Outcome => ({
  ok: false,
  failure: { reason: 'unavailable', message: `${kind}: the API server is gone` },
});

/** Delivery is idempotent by id, as the outbox makes it. */
function createMailbox(): { deliver: (list: readonly Announcement[], at: number) => void; delivered: Delivered[] } {
  const delivered: Delivered[] = [];
  const sent = new Set<string>();
  return {
    delivered,
    deliver(announcements, at) {
      for (const announcement of announcements.filter(({ id }) => !sent.has(id))) {
        sent.add(announcement.id);
        delivered.push({ at, announcement });
      }
    },
  };
}

export function createSession(initial: Canary, cluster: SimulatedCluster): Session {
  let canary = initial;
  const { deliver, delivered } = createMailbox();
  const performed: Performed[] = [];
  const saved: Saved[] = [];
  const slotAt = (now: number): number => Math.floor(now / canary.spec.analysis.intervalMs);

  function save(status: CanaryStatus, at: number): void {
    saved.push({ at, slot: slotAt(at), status });
    canary = { ...canary, status, resourceVersion: String(Number(canary.resourceVersion) + 1) };
  }

  function perform(action: Action, now: number): Outcome {
    performed.push({ at: now, action });
    return cluster.perform(action, now);
  }

  function step(now: number, options: StepOptions = {}): SessionOutcome {
    const counted = createMeter(options);
    deliver(canary.status.outbox, now);
    const read: Canary = { ...canary, status: { ...canary.status, outbox: [] } };
    const world = {
      perform: (action: Action) =>
        counted(() => (options.failing?.has(action.kind) === true ? unreachable(action.kind) : perform(action, now))),
      save: (status: CanaryStatus, announcements: readonly Announcement[]) => {
        counted(() => save({ ...status, outbox: announcements }, now));
        deliver(announcements, now);
        return true;
      },
      announce: (announcements: readonly Announcement[]) => deliver(announcements, now),
    };
    try {
      return runStep(read, { now, slot: slotAt(now) }, world);
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    }
  }

  return { canary: () => canary, saved: () => saved, delivered: () => delivered, performed: () => performed, step };
}
