/** The failed path: decide, record, move the traffic away, scale down, tell. Rules: spec of the state machine, section 9. */
import type { Done } from './action.ts';
import type { RollbackCause } from './canary.ts';
import { route } from './effects.ts';
import { alerts, events } from './messages.ts';
import type { AlertText, EventText } from './messages.ts';
import { parkTarget } from './drain.ts';
import { finishRun } from './post-rollout.ts';
import { remakePrimary, replacePrimary } from './lost-primary.ts';
import { heldByPrimary, primaryWaits, sayPrimaryWaits } from './reconcile.ts';
import type { Rule } from './rule.ts';
import { holdSize, sizeForRollback } from './sizing.ts';
import { change, changeRun, clearRun, count, enter, finish, need, record, runOf, say, tell } from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary, currentWeights } from './weights.ts';

function causeTexts(step: Step, cause: RollbackCause, error: string): { event: EventText; alert: AlertText } {
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
      return { event: events.rollbackDeadline(canary, error), alert: alerts.rollbackDeadline(error) };
  }
}

/**
 * Records the decision with its one event and one alert, then carries it out.
 *
 * @param error why there is nothing left to wait for, where the deadline is the cause; it has been said
 */
export function* rollBack(step: Step, cause: RollbackCause, error = ''): Rule<Done> {
  const { event, alert } = causeTexts(step, cause, error);
  const decided = changeRun(withWhatIsPromoted(step), { decision: { kind: 'rollback', cause } });
  return yield* carryOutRollback(yield* record(tell(say(decided, event), alert)), error);
}

/** Once the copy has been made it is what the primary runs, whatever becomes of the run: going back is a release then. */
function withWhatIsPromoted(step: Step): Step {
  const { phase, lastAppliedSpec } = step.status;
  // A size that was not asked for by this promotion is another run's.
  if (phase !== 'Promoting' && phase !== 'Finalising') return clearRun(step, 'sizing');
  return lastAppliedSpec === undefined ? step : change(step, { lastPromotedSpec: lastAppliedSpec });
}

/**
 * Carries a recorded rollback out. Traffic only ever goes to a primary that is ready: until then the canary keeps
 * its traffic and its pods in phase Failed, the decision stays, and a later step finishes the move. The run has failed
 * as soon as the traffic has left; the pods follow when their connections are done.
 *
 * @param told an error that was said with the decision
 */
export function* carryOutRollback(step: Step, told?: string): Rule<Done> {
  const seen = yield* need(step, { kind: 'observeTarget' });
  const waits = primaryWaits(step, seen);
  const isFirst = step.status.phase !== 'Failed';
  const counted = (ended: Step): Step => (isFirst ? count(ended, 'failure', 'completed') : ended);
  if (waits !== undefined) {
    yield* remakePrimary(step, seen);
    const kept = (yield* replacePrimary(step, seen)) ?? step;
    const canaryWeight = currentWeights(kept.canary, kept.status).canary;
    const held = enter(counted(kept), 'Failed', { canaryWeight });
    const noticed = waits.error === told ? held : sayPrimaryWaits(held, waits);
    return heldByPrimary(noticed, waits, isFirst ? 'rolledBack' : 'stopped');
  }
  const { step: sized, hold } = yield* sizeForRollback(step, seen);
  if (hold) return finish(sized, 'stopped');
  const routed = yield* route(sized, allToPrimary);
  const parked = counted(yield* parkTarget(routed));
  const reset = changeRun(clearRun(clearRun(parked, 'decision'), 'waitingSince'), { mirrored: false });
  const failed = enter(holdSize(reset), 'Failed', { failedChecks: 0, canaryWeight: 0, iterations: 0 });
  return yield* finishRun(say(failed, events.canaryFailed(step.canary)), { as: 'Failed', outcome: 'rolledBack' });
}
