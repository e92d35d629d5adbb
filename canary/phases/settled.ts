/**
 * Initialized, Succeeded and Failed: keep everything as it is and look for a revision that was not decided on yet.
 *
 *   settled ──new revision──▶ (confirm-rollout) ──▶ Progressing
 *   Failed, traffic still on the canary ──primary ready──▶ Promoting, or the rest of the rollback
 */
import type { Done, TargetFact } from '../action.ts';
import type { Revision } from '../canary.ts';
import { payOwed } from '../post-rollout.ts';
import { primaryWaits, reconcile, sayPrimaryWaits } from '../reconcile.ts';
import { isNewRevision, isOwnHash, sameConfigs } from '../revision.ts';
import { carryOutRollback } from '../rollback.ts';
import { end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { start } from '../start.ts';
import { change, clearRun, enter, finish, keepWaiting, need, runOf } from '../step.ts';
import type { Step } from '../step.ts';

export function* settled(step: Step): Rule<Done> {
  const { owed } = runOf(step);
  if (owed !== undefined) {
    return yield* payOwed(step, { as: owed, outcome: owed === 'Succeeded' ? 'succeeded' : 'rolledBack' });
  }
  const seen = yield* need(step, { kind: 'observeTarget' });
  const isDecidedOn = !isNewRevision(step.status, seen.revision);
  if (isDecidedOn) yield* finishDecision(step, seen);
  yield* reconcile(step, seen);
  const adopted = adopt(step, seen);
  if (adopted !== undefined) return finish(clearRun(adopted, 'waitingSince'), 'settled');
  if (isDecidedOn) return quiet(step, seen);
  return yield* begin(step, seen);
}

/** Failed with traffic on the canary: what was decided is completed as soon as the primary is ready for it. */
function* finishDecision(step: Step, seen: TargetFact): Rule<void> {
  const decided = runOf(step).decision?.kind;
  if (decided === 'rollback') yield* end(yield* carryOutRollback(step));
  if (decided !== 'promote' || primaryWaits(seen) !== undefined) return;
  yield* end(finish(enter(clearRun(clearRun(step, 'waitingSince'), 'decision'), 'Promoting'), 'promoting'));
}

/** Nothing to do; a primary that is not ready is said, as the reference does before a run. */
function quiet(step: Step, seen: TargetFact): Done {
  return finish(primaryWaits(seen) === undefined ? clearRun(step, 'waitingSince') : step, 'settled');
}

function* begin(step: Step, seen: TargetFact): Rule<Done> {
  const waits = primaryWaits(seen);
  const keepsTraffic = step.status.phase === 'Failed' && step.status.canaryWeight > 0;
  if (waits !== undefined && !step.canary.spec.skipAnalysis && !keepsTraffic) {
    return finish(sayPrimaryWaits(keepWaiting(step), waits.why), 'stopped');
  }
  return yield* start(step, seen.revision);
}

/**
 * Hashes that are not ours (another controller's, or an older format) say nothing. After a promotion a target that
 * equals its primary is the promoted one, whatever it was rendered by; after a failure the present target counts as
 * decided. So no Canary starts a run merely because it changed hands or the API server was upgraded.
 */
function adopt(step: Step, seen: TargetFact): Step | undefined {
  const { status } = step;
  const { revision } = seen;
  const foreign = status.lastAppliedSpec !== undefined && !isOwnHash(status.lastAppliedSpec);
  if (status.phase === 'Failed') return foreign ? change(step, decidedOn(revision)) : undefined;
  const rerendered = status.lastAppliedSpec !== revision.template || foreign;
  const sameContent = seen.primary?.equalsTarget === true && sameConfigs(status.trackedConfigs, revision.configs);
  if (!rerendered || !sameContent || isAlreadyPromoted(step, revision)) return undefined;
  return change(step, { ...decidedOn(revision), lastPromotedSpec: revision.template });
}

const isAlreadyPromoted = (step: Step, revision: Revision): boolean =>
  step.status.lastPromotedSpec === revision.template;

const decidedOn = (
  revision: Revision,
): { lastAppliedSpec: string; trackedConfigs?: Readonly<Record<string, string>> } => ({
  lastAppliedSpec: revision.template,
  ...(revision.configs === undefined ? {} : { trackedConfigs: revision.configs }),
});
