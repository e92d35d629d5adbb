/**
 * The state machine: (canary, facts, time) → the next action, or the end of the step.
 *
 *   (new) ▶ Initializing ▶ Initialized ─┐
 *                 ┌──────────────────────┴─new revision──▶ Waiting ▶ Progressing ▶ WaitingPromotion
 *   Succeeded ◀ Finalising ◀ Promoting ◀──────────────────────────────────┘              │
 *   Failed ◀──────────────────────────────────────── rollback ◀──────────────────────────┘
 *   (any, once it is being deleted with our finalizer) ──▶ Terminating ──▶ gone
 *
 * Pure: it reads no clock, waits for nothing, writes nothing. The caller performs the action, adds the outcome to
 * the facts and asks again.
 */
import type { Action, Done } from './action.ts';
import type { Canary, Phase } from './canary.ts';
import { keepFinalizer } from './finalizer.ts';
import { events } from './messages.ts';
import { initializing } from './phases/initializing.ts';
import { finalising, promoting } from './phases/promoting.ts';
import { progressing } from './phases/progressing.ts';
import { settled } from './phases/settled.ts';
import { terminating } from './phases/terminating.ts';
import { waiting } from './phases/waiting.ts';
import { replay } from './rule.ts';
import type { Facts, Rule } from './rule.ts';
import { beginStep, clearRun, finish, isRunning, runOf, say, untouched } from './step.ts';
import type { Step, StepTime } from './step.ts';

const phases: Record<Phase, (step: Step) => Rule<Done>> = {
  Initializing: initializing,
  Initialized: settled,
  Waiting: waiting,
  Progressing: progressing,
  WaitingPromotion: progressing,
  Promoting: promoting,
  Finalising: finalising,
  Succeeded: settled,
  Failed: settled,
  // A status of an object that is not being deleted: it was restored from elsewhere, and what it describes is gone.
  Terminating: initializing,
};

/** Least distance of two steps of a run, as a share of the interval, so that metric windows do not overlap. */
const leastDistance = 0.9;

/**
 * @param facts outcomes of the actions of this step so far, by `actionKey`
 * @returns the next action to perform, or Done with the status to save and what to announce
 */
export const advance = (canary: Canary, facts: Facts, at: StepTime): Action | Done => replay(stepOf(canary, at), facts);

/** The rule of one step, for whoever carries it out in one go: what it yields is what `advance` returns one by one. */
export function stepOf(canary: Canary, at: StepTime): Rule<Done> {
  const step = beginStep(canary, at);
  return canary.deleting ? terminating(step) : living(step);
}

function* living(step: Step): Rule<Done> {
  const { canary } = step;
  yield* keepFinalizer(step);
  if (canary.spec.suspend) return suspend(step);
  if (isTooEarly(step)) return untouched(step, 'tooEarly');
  return yield* phases[canary.status.phase ?? 'Initializing'](step);
}

/** Said when the suspension begins: from then on the Ready condition says so. Its time counts towards no deadline. */
function suspend(step: Step): Done {
  const known = step.canary.status.conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Suspended');
  const still = clearRun(step, 'waitingSince');
  return finish(known ? still : say(still, events.suspended()), 'suspended');
}

/** A slot advances a run once, and a step keeps its distance from the last; what is already decided does not wait. */
function isTooEarly(step: Step): boolean {
  const { lastStepTime, lastSlot, decision } = runOf(step);
  if (!isRunning(step) || decision !== undefined) return false;
  if (lastSlot === step.at.slot) return true;
  if (lastStepTime === undefined) return false;
  // One that lies further ahead was noted by a clock that was put back since, and tells of no distance.
  const distanceMs = Math.abs(step.at.now - Date.parse(lastStepTime));
  return distanceMs < leastDistance * step.canary.spec.analysis.intervalMs;
}
