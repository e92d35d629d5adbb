/**
 * Progressing and WaitingPromotion: one look at the world, one round of checks, one change of traffic at the most.
 *
 *   Progressing ──checks pass──▶ next weight … ──at the maximum──▶ (confirm-promotion) ──▶ Promoting
 *        │ new revision: start over    │ failed checks, rollback hook, deadline: Failed
 */
import type { Done, TargetFact } from '../action.ts';
import { runChecks } from '../analysis.ts';
import type { RollbackCause } from '../canary.ts';
import { strategyOf } from '../canary.ts';
import { events } from '../messages.ts';
import { carryOutPromotion, restart } from '../promotion.ts';
import { noPodsYet, primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import { isDecided, isOwnHash } from '../revision.ts';
import { askForRollback } from '../rollback-hooks.ts';
import { carryOutRollback, rollBack } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { clearRun, finish, isOverdue, keepWaiting, need, runOf, say } from '../step.ts';
import type { Step } from '../step.ts';
import { advanceAbTesting } from '../strategies/ab-testing.ts';
import { advanceBlueGreen } from '../strategies/blue-green.ts';
import { advanceWeighted } from '../strategies/weighted.ts';
import { currentWeights } from '../weights.ts';

export function* progressing(begun: Step): Rule<Done> {
  const { decision } = runOf(begun);
  if (decision?.kind === 'rollback') return yield* carryOutRollback(begun);
  if (decision?.kind === 'promote') return yield* carryOutPromotion(begun);
  const round = yield* askForRollback(begun);
  if (round.signalled) return yield* rollBack(round.step, 'RollbackHook');
  const seen = yield* need(round.step, { kind: 'observeTarget' });
  yield* reconcile(round.step, seen);
  const step = yield* untilPrimaryReady(round.step, seen);
  if (!isOwnHash(step.status.lastAppliedSpec) || !isDecided(step.status, seen.revision)) {
    return yield* restart(step, seen.revision);
  }
  const steady = yield* untilCanaryReady(step, seen);
  const exceeded = exceededLimit(steady);
  if (exceeded !== undefined) return yield* rollBack(steady, exceeded);
  if (steady.canary.spec.skipAnalysis) return yield* carryOutPromotion(steady);
  return yield* takeStep(yield* runChecks(steady));
}

/** Looked at before the checks, so a limit rolls back one step after it was reached. */
function exceededLimit(step: Step): RollbackCause | undefined {
  const { threshold } = step.canary.spec.analysis;
  if (step.status.failedChecks >= threshold) return 'FailedChecks';
  return runOf(step).checkErrors >= threshold ? 'CheckErrors' : undefined;
}

function* takeStep(step: Step): Rule<Done> {
  switch (strategyOf(step.canary.spec.analysis)) {
    case 'canary':
      return yield* advanceWeighted(step);
    case 'ab-testing':
      return yield* advanceAbTesting(step);
    case 'blue-green':
      return yield* advanceBlueGreen(step);
  }
}

/** A canary that carries all traffic goes on without its primary: that is what it was kept for. */
function* untilPrimaryReady(step: Step, seen: TargetFact): Rule<Step> {
  const waits = primaryWaits(seen);
  if (waits === undefined || currentWeights(step.canary, step.status).primary === 0) return step;
  const waiting = sayPrimaryWaits(keepWaiting(step), waits.why);
  if (!waits.stuck && !isOverdue(waiting)) return yield* end(finish(waiting, 'stopped'));
  return yield* end(yield* rollBack(waiting, 'DeadlineExceeded', waits.why));
}

/** The canary's pods must be there and ready; pods that were taken away meanwhile are asked for again. */
export function* untilCanaryReady(step: Step, seen: TargetFact): Rule<Step> {
  const { readiness, replicas } = seen.target;
  if (replicas > 0 && readiness.kind === 'ready') return clearRun(step, 'waitingSince');
  if (replicas === 0) yield* need(step, { kind: 'scaleTarget', to: 'running' });
  const why = readiness.kind === 'ready' ? noPodsYet(replicas) : readiness.why;
  const waiting = say(keepWaiting(step), events.canaryNotReady(step.canary, why));
  const stuck = replicas > 0 && readiness.kind === 'stuck';
  if (!stuck && !isOverdue(waiting)) return yield* end(finish(waiting, 'stopped'));
  return yield* end(yield* rollBack(waiting, 'DeadlineExceeded', why));
}
