/** Hooks of type rollback: asked before any readiness check, so that a rollout that hangs can still be taken back. */
import { ask, hooksOf } from './hooks.ts';
import type { HookSubject } from './hooks.ts';
import { events } from './messages.ts';
import type { Rule } from './rule.ts';
import { say } from './step.ts';
import type { Step } from './step.ts';

/** The first hook that passes signals a rollback; the others are not asked. With skipAnalysis none is, as in the reference. */
export function* askForRollback(
  step: Step,
  about: HookSubject = {},
): Rule<{ readonly step: Step; readonly signalled: boolean }> {
  let current = step;
  if (step.canary.spec.skipAnalysis) return { step, signalled: false };
  for (const hook of hooksOf(step, 'rollback')) {
    const answer = yield* ask(current, hook, about);
    if (answer.passed) return { step: say(current, events.rollbackSignal(hook), about.revision), signalled: true };
    current = say(current, events.noRollbackSignal(hook), about.revision);
    // Or a brake that does not work would look like one that nobody pulls.
    if (answer.unanswered) current = say(current, events.rollbackHookUnanswered(hook, answer.detail), about.revision);
  }
  return { step: current, signalled: false };
}
