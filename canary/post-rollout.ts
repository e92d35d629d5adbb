/**
 * The last part of a run: post-rollout hooks and the words that close it.
 *
 * That hooks are owed is saved together with the outcome, so a crash delays them; a receiver that is called twice
 * sees the same checksum and phase.
 */
import type { Done, StepOutcome } from './action.ts';
import { ask, hooksOf } from './hooks.ts';
import { alerts, events } from './messages.ts';
import type { Rule } from './rule.ts';
import { changeRun, clearRun, finish, record, say, tell } from './step.ts';
import type { Step } from './step.ts';

/** Ends a run whose outcome stands in the status: at once without hooks, else after the outcome has been saved. */
export function* finishRun(step: Step, end: { as: 'Succeeded' | 'Failed'; outcome: StepOutcome }): Rule<Done> {
  if (hooksOf(step, 'post-rollout').length === 0) return finish(closingWords(step, end.as), end.outcome);
  const saved = yield* record(changeRun(step, { owed: end.as }));
  return yield* payOwed(saved, end);
}

/** Calls the owed hooks in order; the first that fails ends the round. */
export function* payOwed(step: Step, end: { as: 'Succeeded' | 'Failed'; outcome: StepOutcome }): Rule<Done> {
  let current = clearRun(step, 'owed');
  for (const hook of hooksOf(step, 'post-rollout')) {
    const answer = yield* ask(current, hook, { phase: end.as });
    if (!answer.passed) {
      current = say(current, events.postRolloutFailed(hook, answer.detail));
      break;
    }
    current = say(current, events.postRolloutPassed(hook));
  }
  return finish(closingWords(current, end.as), end.outcome);
}

function closingWords(step: Step, as: 'Succeeded' | 'Failed'): Step {
  if (as === 'Failed') return step;
  const { canary } = step;
  if (canary.spec.skipAnalysis) return tell(say(step, events.promotedUnanalysed(canary)), alerts.promotedUnanalysed());
  return tell(say(step, events.promoted(canary)), alerts.promoted());
}
