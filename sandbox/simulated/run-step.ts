/** One step of the rules against a simulated cluster: what the worker does with real adapters, in memory. */
import { isDeepStrictEqual } from 'node:util';
import type { Action, Done, Outcome, StepOutcome } from '../../canary/action.ts';
import { actionKey } from '../../canary/action-key.ts';
import { advance } from '../../canary/advance.ts';
import type { Announcement, Canary } from '../../canary/canary.ts';
import type { StepTime } from '../../canary/step.ts';

/** What is saved: in the middle of a step, or at its end. */
export type Saving = Done | Extract<Action, { readonly kind: 'record' }>;

export interface StepWorld {
  readonly perform: (action: Action) => Outcome;
  /** Saves a status together with its announcements; false when somebody else has saved since. */
  readonly save: (saving: Saving) => boolean;
  readonly setFinalizer: (present: boolean) => void;
  /** Delivers what was said without a change of the status. */
  readonly announce: (announcements: readonly Announcement[]) => void;
}

/** Runs one step to its end. */
export function runStep(canary: Canary, at: StepTime, world: StepWorld): StepOutcome | 'conflict' {
  const facts = new Map<string, Outcome>();
  let saved = canary.status;
  for (;;) {
    const next = advance(canary, facts, at);
    if (next.kind === 'done') {
      if (!isDeepStrictEqual(next.status, saved)) {
        return world.save(next) ? next.outcome : 'conflict';
      }
      world.announce(next.announcements);
      return next.outcome;
    }
    if (next.kind === 'record') {
      if (!world.save(next)) return 'conflict';
      saved = next.status;
      facts.set(actionKey(next), { ok: true, value: null });
    } else if (next.kind === 'setFinalizer') {
      world.setFinalizer(next.present);
      facts.set(actionKey(next), { ok: true, value: null });
    } else {
      facts.set(actionKey(next), world.perform(next));
    }
  }
}
