/** Accepting a revision: the confirm-rollout gate, the status that names it, then its pods. */
import type { Done, TargetFact } from './action.ts';
import type { Revision } from './canary.ts';
import { finishDrain } from './drain.ts';
import { askAll, whyShut } from './hooks.ts';
import type { HookRound } from './hooks.ts';
import { queuedSince, whyQueued } from './queued.ts';
import { runId } from './identity.ts';
import { alerts, events } from './messages.ts';
import { isNoted, preRolloutOwed, withoutPrimary } from './notes.ts';
import { primaryWaits } from './reconcile.ts';
import type { Waits } from './reconcile.ts';
import { decideOn, isDecided, isNewRevision } from './revision.ts';
import { end } from './rule.ts';
import type { Rule } from './rule.ts';
import { because, clearRun, enter, finish, isOverdue, need, record, runOf, say, tell } from './step.ts';
import type { Step } from './step.ts';
import { currentWeights, isBypassed } from './weights.ts';

/**
 * Whether the target is a revision to be run. After a promotion that failed the primary no longer runs the promoted
 * template, so going back to that one is a release like any other.
 */
export const isToBeRun = (step: Step, revision: Revision): boolean =>
  runOf(step).decision?.kind === 'promote' ? !isDecided(step.status, revision) : isNewRevision(step.status, revision);

/**
 * A primary that a failed promotion broke, that has lost traffic or that is past its deadline is mended by the next
 * release, if by anything: it is not waited for.
 */
export const startsWithoutPrimary = (step: Step, { stuck }: Waits): boolean =>
  stuck ||
  isOverdue(step) ||
  step.canary.spec.skipAnalysis ||
  trafficOf(step) > 0 ||
  runOf(step).decision?.kind === 'promote';

/** A run that began without the primary, or has taken all of its traffic, is what makes it ready again. */
export const goesOnWithoutPrimary = (step: Step): boolean =>
  step.canary.spec.skipAnalysis || isNoted(step, withoutPrimary) || isBypassed(step.canary, step.status);

/** Percent of the traffic that the canary carries. */
const trafficOf = (step: Step): number => currentWeights(step.canary, step.status).canary;

/**
 * Asks for approval and starts a run. The status that accepts the revision is saved first: a crash before the pods
 * are there only means that the next step asks for them again.
 */
export function* start(step: Step, seen: TargetFact): Rule<Done> {
  const { revision } = seen;
  const gate = yield* askAll(step, 'confirm-rollout', {
    about: { revision },
    onPass: (passed, hook) => say(passed, events.rolloutApproved(hook), revision),
  });
  if (gate.refused !== undefined) {
    return wait(yield* finishDrain(gate.step), { refusing: gate.refused, detail: gate.detail, revision });
  }
  const admitted = yield* takePlace(gate.step, revision);
  const accepted = say(acceptRevision(admitted, revision, seen), events.newRevision(step.canary));
  const started = yield* record(tell(accepted, alerts.newRevision()));
  yield* need(started, { kind: 'scaleTarget', to: 'running' });
  return finish(started, 'started');
}

/** Where the operator limits the runs, one begins when it has a place, or ends the step in the line of those that wait. */
function* takePlace(step: Step, revision: Revision): Rule<Step> {
  if (step.canary.isLimited !== true) return step;
  const since = queuedSince(step.canary.status);
  const place = yield* need(step, { kind: 'admitRun', since: since ?? step.at.now });
  if (place.kind === 'admitted') return step;
  const queued = whyQueued(step.canary, place);
  const waiting = clearRun(yield* finishDrain(step), 'waitingSince');
  const said = since === undefined ? say(waiting, events.queued(step.canary, queued.message), revision) : waiting;
  return yield* end(finish({ ...said, queued }, 'queued'));
}

interface Gated {
  readonly refusing: NonNullable<HookRound['refused']>;
  /** What the gate answered. */
  readonly detail: string;
  readonly revision: Revision;
}

/** A gate may stay shut for ever: it is no wait that the deadline counts. */
function wait(step: Step, { refusing, detail, revision }: Gated): Done {
  const text = events.waitingForApproval(step.canary, refusing);
  const patient = because(clearRun(step, 'waitingSince'), whyShut(text, detail));
  if (step.status.phase === 'Waiting') return finish(patient, 'waiting');
  // A rollback that waits for its primary is found again by the traffic it left; in Waiting it would mean this revision.
  const undecided = runOf(step).decision?.kind === 'rollback' ? clearRun(patient, 'decision') : patient;
  const waiting = enter(say(undecided, text, revision), 'Waiting');
  return finish(refusing.muteAlert ? waiting : tell(waiting, alerts.waitingForApproval()), 'waiting');
}

/**
 * The status of a run that begins. While the primary is not ready, a canary that carries traffic keeps it: its new
 * revision is analysed under the traffic it has, pre-rollout hooks included.
 */
export function acceptRevision(step: Step, revision: Revision, seen: TargetFact): Step {
  const primaryIsReady = primaryWaits(step, seen) === undefined;
  const canaryWeight = primaryIsReady ? 0 : trafficOf(step);
  const notes = primaryIsReady ? [] : [withoutPrimary];
  const said = canaryWeight > 0 ? [...notes, preRolloutOwed] : notes;
  const id = runId(step.canary, revision, step.at.slot);
  const { sizing } = runOf(step);
  const size = sizing === undefined ? {} : { sizing };
  const run = { id, lastSlot: step.at.slot, checkErrors: 0, mirrored: false, said, ...size };
  const decided = { ...step, status: decideOn(step.status, revision) };
  return enter(decided, 'Progressing', { failedChecks: 0, canaryWeight, iterations: 0, run });
}
