/**
 * A Canary that lives in memory beside a simulated cluster: its status, what was announced of it, and its slots.
 * A step may be told to die at an action, as a killed worker does.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Action, Outcome, StepOutcome } from '../../canary/action.ts';
import type { Announcement, Canary, CanaryStatus } from '../../canary/canary.ts';
import type { HookType } from '../../canary/spec.ts';
import type { StepTime } from '../../canary/step.ts';
import type { SimulatedCluster } from './cluster.ts';
import { runStep } from './run-step.ts';
import { createStepWorld, Died, Overtaken } from './step-world.ts';
import type { StepOptions } from './step-world.ts';
import { createStoredCanary } from './stored-canary.ts';
import type { StoredCanary } from './stored-canary.ts';

export interface Delivered {
  readonly at: number;
  readonly announcement: Announcement;
}

export interface Performed {
  readonly at: number;
  readonly action: Action;
  readonly outcome: Outcome;
}

export interface Saved {
  readonly at: number;
  readonly slot: number;
  readonly status: CanaryStatus;
  /** Milliseconds of the canary's interval at that time. */
  readonly intervalMs: number;
}

/** `gone`: there is no Canary any more. */
export type SessionOutcome = StepOutcome | 'conflict' | 'died' | 'gone';

/** A step that was taken, with what it asked and did before it ended. */
export interface TakenStep {
  readonly at: StepTime;
  readonly canary: Canary;
  readonly outcome: SessionOutcome;
  readonly actions: readonly Action[];
  /** How each of them went, in the same order. */
  readonly outcomes: readonly Outcome[];
  /** Types of the hooks that did not pass. */
  readonly refused: readonly HookType[];
}

export interface Session extends Pick<StoredCanary, 'canary' | 'touch' | 'edit' | 'delete' | 'isGone'> {
  readonly saved: () => readonly Saved[];
  readonly delivered: () => readonly Delivered[];
  readonly performed: () => readonly Performed[];
  readonly steps: () => readonly TakenStep[];
  /** Runs the step of a slot at a time; `died` when a crash ended it. */
  readonly step: (now: number, options?: StepOptions) => SessionOutcome;
}

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

const passed: Outcome = { ok: true, value: { passed: true, detail: '' } };

export function createSession(initial: Canary, cluster: SimulatedCluster): Session {
  const stored = createStoredCanary(initial, () => cluster.collect());
  const { canary } = stored;
  const { deliver, delivered } = createMailbox();
  const performed: Performed[] = [];
  const saved: Saved[] = [];
  const steps: TakenStep[] = [];
  const onSaved = (status: CanaryStatus, { now, slot }: StepTime): unknown =>
    saved.push({ at: now, slot, status, intervalMs: canary().spec.analysis.intervalMs });

  function step(now: number, options: StepOptions = {}): SessionOutcome {
    if (stored.isGone()) return 'gone';
    const before = canary();
    const at = { now, slot: Math.floor(now / before.spec.analysis.intervalMs) };
    const actions: Action[] = [];
    const outcomes: Outcome[] = [];
    const refused: HookType[] = [];
    const onPerformed = (action: Action, outcome: Outcome): void => {
      performed.push({ at: now, action, outcome });
      actions.push(action);
      outcomes.push(outcome);
      if (action.kind === 'callHook' && !isDeepStrictEqual(outcome, passed)) refused.push(action.hook.type);
    };
    deliver(before.status.outbox, now);
    const read = { ...before, status: { ...before.status, outbox: [] } };
    const world = createStepWorld({ stored, cluster, deliver, onPerformed, onSaved }, at, options);
    const outcome = outcomeOf(() => runStep(read, at, world));
    steps.push({ at, canary: before, outcome, actions, outcomes, refused });
    return outcome;
  }

  return {
    ...stored,
    saved: () => saved,
    delivered: () => delivered,
    performed: () => performed,
    steps: () => steps,
    step,
  };
}

function outcomeOf(take: () => SessionOutcome): SessionOutcome {
  try {
    return take();
  } catch (error) {
    if (error instanceof Died) return 'died';
    if (error instanceof Overtaken) return 'conflict';
    throw error;
  }
}
