/** The failed path: decide, record, move the traffic away, scale down, tell. Rules: spec of the state machine, section 9. */
import type { Done } from './action.ts';
import type { RollbackCause } from './canary.ts';
import { alerts, events } from './messages.ts';
import type { AlertText, EventText } from './messages.ts';
import { finishRun } from './post-rollout.ts';
import { primaryWaits, sayPrimaryWaits } from './reconcile.ts';
import type { Rule } from './rule.ts';
import { changeRun, clearRun, count, enter, finish, need, record, runOf, say, tell } from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary, currentWeights } from './weights.ts';

function causeTexts(step: Step, cause: RollbackCause, why: string): { event: EventText; alert: AlertText } {
  const { canary } = step;
  switch (cause) {
    case 'FailedChecks': {
      const { failedChecks } = step.status;
      return { event: events.rollbackThreshold(canary, failedChecks), alert: alerts.rollbackThreshold(failedChecks) };
    }
    case 'CheckErrors': {
      const { checkErrors } = runOf(step);
      return { event: events.rollbackCheckErrors(canary, checkErrors), alert: alerts.rollbackCheckErrors(checkErrors) };
    }
    case 'RollbackHook':
      return { event: events.rollbackHook(canary), alert: alerts.rollbackHook() };
    case 'DeadlineExceeded':
      return { event: events.rollbackDeadline(canary, why), alert: alerts.rollbackDeadline(why) };
  }
}

/** Records the decision with its one event and one alert, then carries it out. */
export function* rollBack(step: Step, cause: RollbackCause, why = ''): Rule<Done> {
  const { event, alert } = causeTexts(step, cause, why);
  const decided = changeRun(step, { decision: { kind: 'rollback', cause } });
  return yield* carryOutRollback(yield* record(tell(say(decided, event), alert)));
}

/**
 * Carries a recorded rollback out. Traffic only ever goes to a primary that is ready: until then the canary keeps
 * its traffic and its pods in phase Failed, the decision stays, and a later step finishes the move.
 */
export function* carryOutRollback(step: Step): Rule<Done> {
  const seen = yield* need(step, { kind: 'observeTarget' });
  const waits = primaryWaits(seen);
  const weight = currentWeights(step.canary, step.status).canary;
  const firstTime = step.status.phase !== 'Failed';
  const counted = firstTime ? count(step, 'failure', 'completed') : step;
  if (waits !== undefined && weight > 0) {
    const kept = enter(sayPrimaryWaits(counted, waits.why), 'Failed', { canaryWeight: weight });
    return finish(kept, 'rolledBack');
  }
  if (waits === undefined) yield* need(step, { kind: 'ensureRoutes', weights: allToPrimary });
  yield* need(step, { kind: 'scaleTarget', to: 'zero' });
  const said = say(counted, events.canaryFailed(step.canary));
  const reset = changeRun(clearRun(clearRun(said, 'decision'), 'waitingSince'), { mirrored: false });
  const failed = enter(reset, 'Failed', { failedChecks: 0, canaryWeight: 0, iterations: 0 });
  return yield* finishRun(failed, { as: 'Failed', outcome: 'rolledBack' });
}
