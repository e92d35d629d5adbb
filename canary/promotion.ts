/** From a passed analysis to the copy in the primary. Rules: spec of the state machine, section 8. */
import type { Done, TargetFact } from './action.ts';
import type { Revision } from './canary.ts';
import { route } from './effects.ts';
import { askAll, whyShut } from './hooks.ts';
import { flaggerId } from './identity.ts';
import { alerts, events } from './messages.ts';
import { forgetPrimary } from './readiness.ts';
import { awaitPrimary, primaryWaits } from './reconcile.ts';
import type { Waits } from './reconcile.ts';
import { decidedRevision } from './revision.ts';
import { end } from './rule.ts';
import type { Rule } from './rule.ts';
import { decideSize, enlargePrimary, sizeForRestart } from './sizing.ts';
import { acceptRevision, goesOnWithoutPrimary } from './start.ts';
import {
  because,
  changeRun,
  clearRun,
  enter,
  finish,
  isOverdue,
  keepWaiting,
  need,
  record,
  runOf,
  say,
  spendSlot,
  tell,
} from './step.ts';
import type { Step } from './step.ts';
import { allToPrimary, currentWeights } from './weights.ts';

/** Passes the gate or ends the step. The analysis goes on in every step while the gate is shut. */
export function* gatePromotion(step: Step): Rule<Step> {
  const round = yield* askAll(step, 'confirm-promotion', {
    about: { phase: 'Progressing' },
    onPass: (passed, hook) => say(passed, events.promotionApproved(hook)),
  });
  if (round.refused === undefined) return round.step;
  const text = events.waitingForPromotion(step.canary, round.refused);
  const patient = because(spendSlot(round.step), whyShut(text, round.detail));
  if (step.status.phase === 'WaitingPromotion') return yield* end(finish(patient, 'waiting'));
  const waiting = enter(say(patient, text), 'WaitingPromotion');
  const told = round.refused.muteAlert ? waiting : tell(waiting, alerts.waitingForPromotion());
  return yield* end(finish(told, 'waiting'));
}

export function* confirmPromotion(step: Step): Rule<Done> {
  return yield* carryOutPromotion(yield* gatePromotion(step));
}

/**
 * Records that this revision is promoted and with how many pods, then copies exactly it. The copy may be repeated: its
 * pod annotation is derived from the revision, so it causes one rollout of the primary however often it is made.
 */
export function* carryOutPromotion(begun: Step): Rule<Done> {
  const known = runOf(begun).decision?.kind === 'promote';
  // How many pods of the old revision were ready says nothing about the new one, whatever becomes of the copy.
  const step = forgetPrimary(known ? begun : yield* decidePromotion(begun));
  const { canary, status } = step;
  const revision = decidedRevision(status);
  const id = flaggerId(canary, revision);
  const answer = yield* need(step, { kind: 'promote', revision, flaggerId: id });
  if (answer.kind === 'revisionMoved') return yield* restart(clearRun(step, 'decision'), answer.now);
  // The new pods come up in the size that they are needed in; Promoting waits for them.
  yield* enlargePrimary(step);
  const weight = currentWeights(canary, status).canary;
  return finish(enter(spendSlot(clearRun(step, 'decision')), 'Promoting', { canaryWeight: weight }), 'promoting');
}

function* decidePromotion(step: Step): Rule<Step> {
  const seen = yield* need(step, { kind: 'observeTarget' });
  const decided = changeRun(decideSize(step, seen), { decision: { kind: 'promote' } });
  return yield* record(say(decided, events.copying(step.canary)));
}

/**
 * Starts over with the target as it is now, all traffic back on the primary. Where the run is to make the primary ready
 * the traffic stays; elsewhere the restart waits for the primary, until that is past its deadline: then nothing but a
 * new revision will make it ready. The gate is not asked again.
 */
export function* restart(begun: Step, revision: Revision): Rule<Done> {
  const seen = yield* need(begun, { kind: 'observeTarget' });
  const waits = primaryWaits(begun, seen);
  if (waits !== undefined && isWorthWaiting(begun, waits)) return awaitPrimary(begun, waits, 'stopped');
  const step = waits === undefined ? yield* leaveCanary(begun, seen) : begun;
  const told = say(step, events.restarting(step.canary), revision);
  return finish(stillDraining(spendSlot(acceptRevision(told, revision, seen)), step), 'restarted');
}

const isWorthWaiting = (step: Step, waits: Waits): boolean =>
  !goesOnWithoutPrimary(step) && !waits.stuck && !isOverdue(keepWaiting(step));

/** The pods may be the same ones: what another controller has begun is run again. */
function stillDraining(restarted: Step, before: Step): Step {
  const { drainingSince } = runOf(before);
  return drainingSince === undefined ? restarted : changeRun(restarted, { drainingSince });
}

function* leaveCanary(step: Step, seen: TargetFact): Rule<Step> {
  return yield* route(yield* sizeForRestart(step, seen), allToPrimary);
}
