/** From a passed analysis to the copy in the primary. Rules: spec of the state machine, section 8. */
import type { Done } from './action.ts';
import type { Revision } from './canary.ts';
import { route } from './effects.ts';
import { askAll } from './hooks.ts';
import { flaggerId } from './identity.ts';
import { alerts, events } from './messages.ts';
import { awaitPrimary, primaryWaits } from './reconcile.ts';
import { decidedRevision } from './revision.ts';
import { end } from './rule.ts';
import type { Rule } from './rule.ts';
import { acceptRevision, goesOnWithoutPrimary } from './start.ts';
import { changeRun, clearRun, enter, finish, need, record, runOf, say, spendSlot, tell } from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary, currentWeights } from './weights.ts';

/** Passes the gate or ends the step. The analysis goes on in every step while the gate is shut. */
export function* gatePromotion(step: Step): Rule<Step> {
  const round = yield* askAll(step, 'confirm-promotion', {
    about: { phase: 'Progressing' },
    onPass: (passed, hook) => say(passed, events.promotionApproved(hook)),
  });
  if (round.refused === undefined) return round.step;
  if (step.status.phase === 'WaitingPromotion') return yield* end(finish(spendSlot(round.step), 'waiting'));
  const entered = enter(spendSlot(round.step), 'WaitingPromotion');
  const waiting = say(entered, events.waitingForPromotion(step.canary, round.refused));
  const told = round.refused.muteAlert ? waiting : tell(waiting, alerts.waitingForPromotion());
  return yield* end(finish(told, 'waiting'));
}

export function* confirmPromotion(step: Step): Rule<Done> {
  return yield* carryOutPromotion(yield* gatePromotion(step));
}

/**
 * Records that this revision is promoted, then copies exactly it. The copy may be repeated: its pod annotation is
 * derived from the revision, so it causes one rollout of the primary however often it is made.
 */
export function* carryOutPromotion(begun: Step): Rule<Done> {
  const known = runOf(begun).decision?.kind === 'promote';
  const step = known ? begun : yield* decidePromotion(begun);
  const { canary, status } = step;
  const revision = decidedRevision(status);
  const id = flaggerId(canary, revision);
  const answer = yield* need(step, { kind: 'promote', revision, flaggerId: id });
  if (answer.kind === 'revisionMoved') return yield* restart(clearRun(step, 'decision'), answer.now);
  const weight = currentWeights(canary, status).canary;
  const promoting = enter(spendSlot(clearRun(step, 'decision')), 'Promoting', { canaryWeight: weight });
  return finish(promoting, 'promoting');
}

function* decidePromotion(step: Step): Rule<Step> {
  const decided = changeRun(step, { decision: { kind: 'promote' } });
  return yield* record(say(decided, events.copying(step.canary)));
}

/**
 * Starts over with the target as it is now, all traffic back on the primary. Where the run is to make the primary ready
 * the traffic stays; elsewhere the restart waits for the primary. The gate is not asked again.
 */
export function* restart(step: Step, revision: Revision): Rule<Done> {
  const seen = yield* need(step, { kind: 'observeTarget' });
  const waits = primaryWaits(step, seen);
  if (waits !== undefined && !goesOnWithoutPrimary(step)) return awaitPrimary(step, waits, 'stopped');
  const routed = waits === undefined ? yield* route(step, allToPrimary) : step;
  const accepted = spendSlot(acceptRevision(routed, revision, seen));
  return finish(say(accepted, events.restarting(step.canary)), 'restarted');
}
