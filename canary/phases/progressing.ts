/**
 * Progressing and WaitingPromotion: one look at the world, one round of checks, one change of traffic at the most.
 *
 *   Progressing ──checks pass──▶ next weight … ──at the maximum──▶ (confirm-promotion) ──▶ Promoting
 *        │ new revision: start over    │ failed checks, rollback hook, deadline: Failed
 */
import type { Done, TargetFact } from '../action.ts';
import { runChecks } from '../analysis.ts';
import { strategyOf } from '../spec.ts';
import { replacePrimary } from '../lost-primary.ts';
import { readinessErrors, rolloutWaits, warning } from '../messages.ts';
import { forgotten, noted, withoutPrimary } from '../notes.ts';
import { carryOutPromotion, restart } from '../promotion.ts';
import { awaitPrimary, primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import { noteSteady, readinessOf } from '../readiness.ts';
import { isDecided } from '../revision.ts';
import { exceededLimit } from '../rollback-due.ts';
import { askForRollback } from '../rollback-hooks.ts';
import { carryOutRollback, rollBack } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { goesOnWithoutPrimary } from '../start.ts';
import { releaseSize } from '../sizing.ts';
import { because, finish, isOverdue, keepWaiting, need, runOf, say, spendSlot } from '../step.ts';
import type { Step } from '../step.ts';
import { advanceAbTesting } from '../strategies/ab-testing.ts';
import { advanceBlueGreen } from '../strategies/blue-green.ts';
import { advanceWeighted } from '../strategies/weighted.ts';

export function* progressing(read: Step): Rule<Done> {
  const { decision } = runOf(read);
  if (decision?.kind === 'rollback') return yield* carryOutRollback(read);
  if (decision?.kind === 'promote') return yield* carryOutPromotion(read);
  const begun = releaseSize(read);
  const round = yield* askForRollback(begun);
  if (round.signalled) return yield* rollBack(round.step, 'RollbackHook');
  const seen = yield* need(round.step, { kind: 'observeTarget' });
  const repaired = yield* reconcile(round.step, seen);
  const step = yield* untilPrimaryReady(repaired, seen);
  // A hash of another controller equals none of ours.
  if (!isDecided(step.status, seen.revision)) return yield* restart(step, seen.revision);
  const steady = noteSteady(yield* untilCanaryReady(step, seen), seen);
  const replaced = yield* replacePrimary(steady, seen);
  if (replaced !== undefined) return finish(spendSlot(replaced), 'advanced');
  if (steady.canary.spec.skipAnalysis) return yield* carryOutPromotion(steady);
  // Looked at before the checks, so a limit rolls back one step after it was reached.
  const counts = { failedChecks: steady.status.failedChecks, checkErrors: runOf(steady).checkErrors };
  const exceeded = exceededLimit(counts, steady.canary.spec.analysis);
  if (exceeded !== undefined) return yield* rollBack(steady, exceeded);
  return yield* takeStep(yield* runChecks(steady));
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

/** A run that is to make the primary ready goes on without it: for that the canary was left its traffic. */
function* untilPrimaryReady(step: Step, seen: TargetFact): Rule<Step> {
  const waits = primaryWaits(step, seen);
  if (waits === undefined) return forgotten(step, withoutPrimary);
  if (waits.lost === true) return sayPrimaryWaits(noted(step, withoutPrimary), waits);
  if (goesOnWithoutPrimary(step)) return sayPrimaryWaits(step, waits);
  const waiting = keepWaiting(step);
  if (!waits.stuck && !isOverdue(waiting)) return yield* end(awaitPrimary(step, waits, 'stopped'));
  return yield* end(yield* rollBack(sayPrimaryWaits(waiting, waits), 'DeadlineExceeded', waits.error));
}

/**
 * The canary's pods must be there and ready; pods that were taken away meanwhile are asked for again. The clock of the
 * deadline runs on until the step has been taken: what comes after the pods may fail as lastingly as they.
 */
export function* untilCanaryReady(step: Step, seen: TargetFact): Rule<Step> {
  const { replicas } = seen.target;
  const readiness = readinessOf(seen.target, runOf(step).steady?.canary);
  if (replicas > 0 && readiness.kind === 'ready') return step;
  if (replicas === 0) yield* need(step, { kind: 'scaleTarget', to: 'running' });
  const why = readiness.kind === 'ready' ? rolloutWaits.noPods(step.canary, replicas) : readiness.why;
  const kept = keepWaiting(step);
  const isFinal = (replicas > 0 && readiness.kind === 'stuck') || isOverdue(kept);
  const error = readinessErrors.canary(step.canary, why, isFinal);
  const waiting = because(say(kept, warning(error)), error);
  if (!isFinal) return yield* end(finish(waiting, 'stopped'));
  return yield* end(yield* rollBack(waiting, 'DeadlineExceeded', error));
}
