/**
 * A revision waits for approval. The target is compared again at every step: what was taken back is withdrawn,
 * what came since is what gets approved.
 *
 *   Waiting ──approved──▶ Progressing    ──taken back──▶ Succeeded    ──rollback hook──▶ Failed
 */
import type { Done } from '../action.ts';
import { changeRun, clearRun, enter, finish, need } from '../step.ts';
import type { Step } from '../step.ts';
import { primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import { isNewRevision } from '../revision.ts';
import { rollBack } from '../rollback.ts';
import { askForRollback } from '../rollback-hooks.ts';
import type { Rule } from '../rule.ts';
import { start } from '../start.ts';

export function* waiting(step: Step): Rule<Done> {
  const seen = yield* need(step, { kind: 'observeTarget' });
  const round = yield* askForRollback(step);
  if (round.signalled) {
    const { template, configs } = seen.revision;
    const decided = { lastAppliedSpec: template, ...(configs === undefined ? {} : { trackedConfigs: configs }) };
    return yield* rollBack(
      changeRun({ ...round.step, status: { ...round.step.status, ...decided } }, {}),
      'RollbackHook',
    );
  }
  yield* reconcile(step, seen);
  if (!isNewRevision(step.status, seen.revision)) {
    return finish(enter(clearRun(round.step, 'waitingSince'), 'Succeeded'), 'settled');
  }
  const waits = primaryWaits(seen);
  if (waits !== undefined) return finish(sayPrimaryWaits(round.step, waits.why), 'stopped');
  return yield* start(round.step, seen.revision);
}
