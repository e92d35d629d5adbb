/**
 * Initialized, Succeeded and Failed: keep everything as it is and look for a revision that was not decided on yet.
 *
 *   settled ──new revision──▶ (confirm-rollout) ──▶ Progressing
 *   Failed, its end not carried out ──primary ready──▶ Promoting, or the rest of the rollback
 */
import type { Done, TargetFact } from '../action.ts';
import { adopt } from '../adoption.ts';
import type { Decision } from '../canary.ts';
import { finishDrain } from '../drain.ts';
import { flaggerId } from '../identity.ts';
import { payOwed } from '../post-rollout.ts';
import { carryOutPromotion } from '../promotion.ts';
import { awaitPrimary, primaryWaits, reconcile } from '../reconcile.ts';
import { decidedRevision, isDecided } from '../revision.ts';
import { carryOutRollback } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { releaseSize } from '../sizing.ts';
import { isToBeRun, start, startsWithoutPrimary } from '../start.ts';
import { clearRun, enter, finish, need, runOf } from '../step.ts';
import type { Step } from '../step.ts';

export function* settled(begun: Step): Rule<Done> {
  const { owed } = runOf(begun);
  if (owed !== undefined) {
    return yield* payOwed(begun, { as: owed, outcome: owed === 'Succeeded' ? 'succeeded' : 'rolledBack' });
  }
  const seen = yield* need(begun, { kind: 'observeTarget' });
  const known = releaseSize(adopt(begun, seen) ?? begun);
  const isNew = isToBeRun(known, seen.revision);
  yield* finishPending(known, { seen, isNew });
  const step = yield* reconcile(known, seen);
  const waits = primaryWaits(step, seen);
  if (!isNew && waits?.lost === true) return awaitPrimary(yield* finishDrain(step), waits, 'settled');
  if (!isNew) return finish(clearRun(yield* finishDrain(step), 'waitingSince'), 'settled');
  if (waits !== undefined && !startsWithoutPrimary(step, waits)) {
    return awaitPrimary(yield* finishDrain(step), waits, 'stopped');
  }
  return yield* start(step, seen);
}

/**
 * A Failed canary whose end could not be carried out, because its primary was not ready, gets it as soon as the
 * primary is, even if a newer revision is there by then: that one runs afterwards.
 */
function* finishPending(step: Step, { seen, isNew }: { seen: TargetFact; isNew: boolean }): Rule<void> {
  const pending = pendingDecision(step, seen);
  const primaryIsReady = primaryWaits(step, seen) === undefined;
  if (pending === 'rollback' && (primaryIsReady || !isNew)) yield* end(yield* carryOutRollback(step));
  if (pending !== 'promote') return;
  if (!runsDecided(step, seen)) return yield* copyAgain(step, seen);
  if (!primaryIsReady) return;
  yield* end(finish(enter(clearRun(clearRun(step, 'waitingSince'), 'decision'), 'Promoting'), 'promoting'));
}

/** A primary that somebody gave something else is given what was to be promoted, if that is still there to be copied. */
function* copyAgain(step: Step, { revision }: TargetFact): Rule<void> {
  if (isDecided(step.status, revision)) yield* end(yield* carryOutPromotion(step));
}

/** Traffic without a decision of ours is left by another controller, or by a revision that was withdrawn while it waited. */
function pendingDecision(step: Step, seen: TargetFact): Decision['kind'] | undefined {
  const { phase, run, canaryWeight } = step.status;
  if (phase !== 'Failed') return undefined;
  if (run?.decision !== undefined || canaryWeight === 0) return run?.decision?.kind;
  return runsDecided(step, seen) ? 'promote' : 'rollback';
}

/** Whether the primary runs what was to be promoted, and not what somebody gave it meanwhile. */
function runsDecided({ canary, status }: Step, { primary, revision }: TargetFact): boolean {
  if (primary?.flaggerId === flaggerId(canary, decidedRevision(status))) return true;
  return primary?.equalsTarget === true && isDecided(status, revision);
}
