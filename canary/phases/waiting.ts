/**
 * A revision waits for approval. The target is compared again at every step: what was taken back is withdrawn,
 * what came since is what gets approved.
 *
 *   Waiting ──approved──▶ Progressing    ──taken back──▶ Succeeded, Failed    ──rollback hook──▶ Failed
 */
import type { Done, TargetFact } from '../action.ts';
import { adopt } from '../adoption.ts';
import { finishDrain } from '../drain.ts';
import { awaitPrimary, primaryWaits, reconcile } from '../reconcile.ts';
import { decideOn } from '../revision.ts';
import { carryOutRollback, rollBack } from '../rollback.ts';
import { askForRollback } from '../rollback-hooks.ts';
import type { Rule } from '../rule.ts';
import { releaseSize } from '../sizing.ts';
import { isToBeRun, start, startsWithoutPrimary } from '../start.ts';
import { clearRun, enter, finish, need, runOf } from '../step.ts';
import type { Step } from '../step.ts';

export function* waiting(read: Step): Rule<Done> {
  if (runOf(read).decision?.kind === 'rollback') return yield* carryOutRollback(read);
  const begun = releaseSize(read);
  const seen = yield* need(begun, { kind: 'observeTarget' });
  const adopted = adopt(begun, seen);
  if (adopted !== undefined || !isToBeRun(begun, seen.revision)) return yield* withdraw(adopted ?? begun, seen);
  const round = yield* askForRollback(begun, { revision: seen.revision });
  if (round.signalled) {
    const { status } = round.step;
    return yield* rollBack({ ...round.step, status: decideOn(status, seen.revision) }, 'RollbackHook');
  }
  const step = yield* reconcile(round.step, seen);
  const waits = primaryWaits(step, seen);
  if (waits !== undefined && !startsWithoutPrimary(step, waits)) {
    return awaitPrimary(yield* finishDrain(step), waits, 'stopped');
  }
  return yield* start(step, seen);
}

/** Back to what it was: the promoted revision, or the one that had failed. */
function* withdraw(begun: Step, seen: TargetFact): Rule<Done> {
  const step = yield* reconcile(begun, seen);
  const { canaryWeight, lastPromotedSpec } = step.status;
  const isPending = canaryWeight > 0 || runOf(step).decision !== undefined;
  const isPromoted = seen.revision.template === lastPromotedSpec && !isPending;
  return finish(enter(clearRun(step, 'waitingSince'), isPromoted ? 'Succeeded' : 'Failed'), 'settled');
}
