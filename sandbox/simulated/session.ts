/**
 * A Canary that lives in memory beside a simulated cluster: its status, what was announced of it, and its slots.
 * A step may be told to die at an action, as a killed worker does.
 */
import type { Action, Outcome, StepOutcome } from '../../canary/action.ts';
import type { Announcement, Canary, CanaryStatus } from '../../canary/canary.ts';
import type { SimulatedCluster } from './cluster.ts';
import { runStep } from './run-step.ts';
import type { Saving } from './run-step.ts';
import { createStoredCanary } from './stored-canary.ts';
import type { StoredCanary } from './stored-canary.ts';

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

/** `gone`: there is no Canary any more. */
export type SessionOutcome = StepOutcome | 'conflict' | 'died' | 'gone';

export interface Session extends Pick<StoredCanary, 'canary' | 'edit' | 'delete' | 'isGone'> {
  readonly saved: () => readonly Saved[];
  readonly delivered: () => readonly Delivered[];
  readonly performed: () => readonly Performed[];
  /** Runs the step of a slot at a time; `died` when a crash ended it. */
  readonly step: (now: number, options?: StepOptions) => SessionOutcome;
}

export interface StepOptions {
  readonly crash?: Crash;
  /** Told of every action that a crash may meet, right before it. */
  readonly watch?: (effect: Action | Saving) => void;
  /** Something that happens right before the n-th action. */
  readonly before?: { readonly action: number; readonly run: () => void };
  /** Actions that fail in this step, by kind. */
  readonly failing?: ReadonlySet<Action['kind']>;
}

class Died extends Error {}

/** Counts the actions of a step and ends it where the options say. */
function createMeter({ crash, before, watch }: StepOptions): <T>(what: Action | Saving, effect: () => T) => T {
  let count = 0;
  const dieIf = (when: Crash['when']): void => {
    if (crash?.action === count && crash.when === when) throw new Died();
  };
  return (what, effect) => {
    count += 1;
    watch?.(what);
    if (before?.action === count) before.run();
    dieIf('before');
    const result = effect();
    dieIf('after');
    return result;
  };
}

/** What an action comes to that the options let fail. */
const failureOf = ({ failing }: StepOptions, { kind }: Action): Outcome | undefined =>
  failing?.has(kind) === true
    ? { ok: false, failure: { reason: 'unavailable', message: `${kind}: the API server is gone` } }
    : undefined;

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
  const stored = createStoredCanary(initial, () => cluster.collect());
  const { canary } = stored;
  const { deliver, delivered } = createMailbox();
  const performed: Performed[] = [];
  const saved: Saved[] = [];
  const slotAt = (now: number): number => Math.floor(now / canary().spec.analysis.intervalMs);

  function save(status: CanaryStatus, at: number): void {
    saved.push({ at, slot: slotAt(at), status });
    stored.saveStatus(status);
  }

  function perform(action: Action, now: number): Outcome {
    performed.push({ at: now, action });
    return cluster.perform(action, now);
  }

  function step(now: number, options: StepOptions = {}): SessionOutcome {
    if (stored.isGone()) return 'gone';
    const counted = createMeter(options);
    const { status } = canary();
    deliver(status.outbox, now);
    const world = {
      perform: (action: Action) => counted(action, () => failureOf(options, action) ?? perform(action, now)),
      save: (saving: Saving) => {
        counted(saving, () => save({ ...saving.status, outbox: saving.announcements }, now));
        deliver(saving.announcements, now);
        return true;
      },
      setFinalizer: (present: boolean) =>
        counted({ kind: 'setFinalizer', present }, () => stored.setFinalizer(present)),
      announce: (announcements: readonly Announcement[]) => deliver(announcements, now),
    };
    try {
      return runStep({ ...canary(), status: { ...status, outbox: [] } }, { now, slot: slotAt(now) }, world);
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    }
  }

  return { ...stored, saved: () => saved, delivered: () => delivered, performed: () => performed, step };
}
