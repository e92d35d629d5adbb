/** One step of the rules against a simulated cluster: what the worker does with real adapters, in memory. */
import { isDeepStrictEqual } from 'node:util';
import type { Action, Done, Outcome, StepOutcome } from '../../canary/action.ts';
import { actionKey } from '../../canary/action-key.ts';
import { stepOf } from '../../canary/advance.ts';
import type { Announcement, Canary, CanaryStatus } from '../../canary/canary.ts';
import type { StepTime } from '../../canary/step.ts';

/** What is saved: in the middle of a step, or at its end. */
export type Saving = Done | Extract<Action, { readonly kind: 'record' }>;

export interface StepWorld {
  readonly perform: (action: Action) => Outcome;
  /** Saves a status together with its announcements; false when somebody else has saved since. */
  readonly save: (saving: Saving) => boolean;
  /** Puts our finalizer there or takes it away; false as above. */
  readonly setFinalizer: (present: boolean) => boolean;
  /** Delivers what was said without a change of the status. */
  readonly announce: (announcements: readonly Announcement[]) => void;
}

/**
 * Runs one step to its end. The rule is kept at work, where the worker begins it anew for each action; as there, what has
 * been asked or done in the step is not asked or done again.
 */
export function runStep(canary: Canary, at: StepTime, world: StepWorld): StepOutcome | 'conflict' {
  const rule = stepOf(canary, at);
  const facts = new Map<string, Outcome>();
  let saved = canary.status;
  for (let next = rule.next(); ; ) {
    if (next.done === true) return finish(next.value, saved, world);
    const wanted = next.value;
    if (wanted.kind === 'done') return finish(wanted, saved, world);
    const key = actionKey(wanted);
    const outcome = facts.get(key) ?? carryOut(wanted, world);
    if (outcome === 'conflict') return outcome;
    facts.set(key, outcome);
    if (wanted.kind === 'record') saved = wanted.status;
    next = rule.next(outcome);
  }
}

const wasWritten = (isWritten: boolean): Outcome | 'conflict' => (isWritten ? { ok: true, value: null } : 'conflict');

function carryOut(action: Action, world: StepWorld): Outcome | 'conflict' {
  if (action.kind === 'record') return wasWritten(world.save(action));
  return action.kind === 'setFinalizer' ? wasWritten(world.setFinalizer(action.present)) : world.perform(action);
}

function finish(done: Done, saved: CanaryStatus, world: StepWorld): StepOutcome | 'conflict' {
  if (!isDeepStrictEqual(done.status, saved)) return world.save(done) ? done.outcome : 'conflict';
  world.announce(done.announcements);
  return done.outcome;
}
