/**
 * The Canary is being deleted: its target takes its traffic back before anything is taken away.
 *
 *   Terminating ─▶ target up and ready ─▶ apex leads to it ─▶ routes as they were ─▶ (one look later) finalizer gone
 *
 * The apex goes first, for a route that goes leaves its traffic to the apex, and the primary behind that may be broken
 * (docs/decisions/0012-apex-before-routes.md). What is gone already counts as restored; what can't be restored by any
 * version of ours is said and left as it is. Rules: spec of the state machine, section 10.
 */
import type { Action, Answers, Done } from '../action.ts';
import { hasFinalizer } from '../finalizer.ts';
import { events, readinessErrors, warning } from '../messages.ts';
import { forgotten, isNoted, noted } from '../notes.ts';
import { attempt, end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { clearRun, enter, finish, isOverdue, keepWaiting, need, record, say, sayOnce, untouched } from '../step.ts';
import type { Step } from '../step.ts';

export function* terminating(begun: Step): Rule<Done> {
  const { canary, status } = begun;
  if (!hasFinalizer(canary)) return untouched(begun, 'stopped');
  if (!canary.spec.revertOnDeletion || (yield* isNamespaceLeaving())) return yield* letGo(begun);
  if (status.phase === 'Terminating') return yield* giveBack(begun);
  const told = say(clearRun(forgotten(begun, notes), 'waitingSince'), events.terminating(canary));
  return finish(enter(told, 'Terminating'), 'terminating');
}

/** All notes of a deletion begin like this. */
const notes = 'deletion: ';
/** The target was given as many pods as the primary: from then on their number is its autoscaler's and its user's. */
const raised = `${notes}target raised`;
const waits = `${notes}waits for `;

/** Whoever can't tell goes on: in a namespace that goes, the target goes too. */
function* isNamespaceLeaving(): Rule<boolean> {
  const home = yield* attempt({ kind: 'observeNamespace' });
  return home.ok && home.value.deleting;
}

/** Takes the finalizer away and leaves everything as it is. */
function* letGo(step: Step): Rule<Done> {
  yield* need(step, { kind: 'setFinalizer', present: false });
  return untouched(step, 'terminated');
}

function* giveBack(begun: Step): Rule<Done> {
  const up = yield* untilTargetReady(begun);
  const apex = yield* part(up, { kind: 'restoreApex' });
  const led = apex.answer?.leadsToTarget === true ? yield* untilApexLeads(apex.step) : apex.step;
  const routes = yield* part(led, { kind: 'restoreRoutes' });
  const step = clearRun(forgotten(routes.step, waits), 'waitingSince');
  // Proxies need a moment to follow; the primary goes with the finalizer.
  if (apex.answer?.changed === true || routes.answer?.changed === true) return finish(step, 'terminating');
  return yield* leave(step);
}

/** Pods for the target, as many as the primary has; a kind that can't be restored is passed over. */
function* untilTargetReady(begun: Step): Rule<Step> {
  const resumed = begun.canary.spec.scaler === undefined ? begun : (yield* part(begun, { kind: 'resumeScaler' })).step;
  const { step, answer } = yield* part(resumed, { kind: 'restoreTarget', raise: !isNoted(resumed, raised) });
  if (answer?.kind === 'gone') yield* end(yield* leaveWithoutTarget(step));
  const up = noted(step, raised);
  if (answer?.kind !== 'waiting' && answer?.kind !== 'stuck') return up;
  const why = readinessErrors.canary(up.canary, answer.why);
  return yield* end(notYet(up, { why, isStuck: answer.kind === 'stuck' }));
}

function* untilApexLeads(step: Step): Rule<Step> {
  const seen = yield* part(step, { kind: 'observeEndpoints', of: 'apex' });
  if (seen.answer?.apexServesTarget !== false) return seen.step;
  const { namespace, spec } = step.canary;
  const why = `service ${spec.service.name}.${namespace} has no ready endpoints of ${spec.target.name} yet, or still others`;
  return yield* end(notYet(seen.step, { why, isStuck: false }));
}

/** There is nothing to wait for: what users had is put back as far as it will go. */
function* leaveWithoutTarget(step: Step): Rule<Done> {
  yield* attempt({ kind: 'restoreApex' });
  yield* attempt({ kind: 'restoreRoutes' });
  return yield* leave(step);
}

/** Says that it is done and then does the last of it, so that no crash can swallow the event. */
function* leave(step: Step): Rule<Done> {
  const told = yield* record(sayOnce(step, `${notes}terminated`, events.terminated(step.canary)));
  yield* need(told, { kind: 'setFinalizer', present: false });
  return finish(told, 'terminated');
}

interface Part<A> {
  readonly step: Step;
  /** Undefined where it can't be done by any version of ours. */
  readonly answer: A | undefined;
}

/** Does one part of the restoration, or ends the step: a lost race is tried again soon, anything else is waited for. */
function* part<A extends Action>(step: Step, action: A): Rule<Part<Answers[A['kind']]>> {
  const outcome = yield* attempt(action);
  if (outcome.ok) return { step, answer: outcome.value };
  const { reason, message } = outcome.failure;
  if (reason === 'unsupported') {
    const said = sayOnce(step, `${notes}${message}`, events.notRestored(step.canary, message));
    return { step: said, answer: undefined };
  }
  return yield* end(
    reason === 'conflict' ? finish(step, 'terminating') : notYet(step, { why: message, isStuck: false }),
  );
}

/**
 * The end of a step that can only wait. The primary keeps the traffic, however long that takes; beyond the deadline the
 * Canary is Stalled and says how to let it go.
 */
function notYet(step: Step, { why, isStuck }: { readonly why: string; readonly isStuck: boolean }): Done {
  const key = `${waits}${why}`;
  const waiting = keepWaiting(isNoted(step, key) ? step : sayOnce(forgotten(step, waits), key, warning(why)));
  if (!isStuck && !isOverdue(waiting)) return finish(waiting, 'terminating');
  const wayOut = 'to delete the Canary without giving anything back, set spec.revertOnDeletion to false';
  return finish(waiting, 'stopped', {
    reason: 'DeadlineExceeded',
    message: `${why}; what serves now keeps serving until then: ${wayOut}`,
  });
}
