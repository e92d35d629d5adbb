/**
 * Bootstrap: a primary that equals the target, an apex that serves it, then the target at zero. Until the primary is
 * ready the target keeps its replicas and its traffic, and nothing is ever rolled back.
 *
 *   (new) ──▶ Initializing ──primary ready, apex serves it──▶ Initialized
 */
import type { Done, TargetFact } from '../action.ts';
import { beginDrain } from '../drain.ts';
import { ensure, route } from '../effects.ts';
import { flaggerId } from '../identity.ts';
import { alerts, events, readinessErrors, rolloutWaits } from '../messages.ts';
import { deadlineTold, forgotten, isNoted, noted } from '../notes.ts';
import { ensureScaler, primaryWaits, sayPrimaryWaits } from '../reconcile.ts';
import type { Waits } from '../reconcile.ts';
import { decideOn } from '../revision.ts';
import { attempt, end } from '../rule.ts';
import type { Rule } from '../rule.ts';
import { clearRun, enter, finish, isOverdue, keepWaiting, need, runOf, say, sayOnce, stopped, tell } from '../step.ts';
import type { Step } from '../step.ts';
import { allToPrimary } from '../weights.ts';

export function* initializing(begun: Step): Rule<Done> {
  const entered = enter(begun, 'Initializing');
  const seen = yield* need(entered, { kind: 'observeTarget' });
  const step = yield* checkProviders(yield* ensure(entered, { kind: 'ensureServices' }));
  if (seen.primary?.equalsTarget !== true) return yield* copyTarget(step, seen);
  const waits = primaryWaits(step, seen);
  if (waits !== undefined) return primaryNotReady(step, waits);
  return initialized(yield* switchToPrimary(step), seen);
}

/** The primary follows the target. A new copy gets the whole deadline; one that never comes to equal the target does not. */
function* copyTarget(step: Step, { primary, target, revision }: TargetFact): Rule<Done> {
  const id = flaggerId(step.canary, revision);
  yield* need(step, { kind: 'ensurePrimary', follow: true, flaggerId: id });
  const isNewCopy = primary !== undefined && primary.flaggerId !== id;
  const waits = waitsFor(step, rolloutWaits.noPods(step.canary, target.replicas));
  return primaryNotReady(isNewCopy ? clearRun(step, 'waitingSince') : step, waits);
}

const waitsFor = ({ canary }: Step, why: string): Waits => ({
  error: readinessErrors.primary(canary, why),
  stuck: false,
});

/** A primary past its deadline is reported once; initialization goes on as soon as it is ready. */
function primaryNotReady(step: Step, waits: Waits): Done {
  const waiting = sayPrimaryWaits(keepWaiting(step), waits);
  if (!waits.stuck && !isOverdue(waiting)) return finish(waiting, 'initializing');
  const { error } = waits;
  const problem = { reason: 'DeadlineExceeded', message: error } as const;
  if (isNoted(waiting, deadlineTold)) return finish(waiting, 'initializing', problem);
  const told = tell(say(waiting, events.rollbackDeadline(step.canary, error)), alerts.rollbackDeadline(error));
  return finish(noted(told, deadlineTold), 'initializing', problem);
}

function* switchToPrimary(begun: Step): Rule<Step> {
  const { primary } = yield* need(begun, { kind: 'observeEndpoints', of: 'primary' });
  if (primary === 0) {
    yield* end(primaryNotReady(begun, waitsFor(begun, 'its Service has no ready endpoints')));
  }
  yield* ensureScaler(begun);
  const step = yield* ensure(begun, { kind: 'ensureApex' });
  const { apexServesPrimary } = yield* need(step, { kind: 'observeEndpoints', of: 'apex' });
  if (!apexServesPrimary) {
    yield* end(primaryNotReady(step, waitsFor(step, 'the apex Service does not serve it yet')));
  }
  const left = beginDrain(yield* route(step, allToPrimary));
  // Pods that still have connections of before the switch are taken away by a later step.
  if (runOf(left).drainingSince === undefined) yield* scaleDown(left);
  return left;
}

function* scaleDown(step: Step): Rule<void> {
  const scaled = yield* attempt({ kind: 'scaleTarget', to: 'zero' });
  if (scaled.ok) return;
  const { message } = events.scalingDownFailed(step.canary, scaled.failure.message);
  yield* end(stopped(step, { ...scaled.failure, message }));
}

function initialized(step: Step, { revision }: TargetFact): Done {
  const { canary } = step;
  const begun = clearRun(step, 'waitingSince');
  const promoted = { ...decideOn(begun.status, revision), lastPromotedSpec: revision.template };
  const done = enter({ ...begun, status: promoted }, 'Initialized', {
    failedChecks: 0,
    canaryWeight: 0,
    iterations: 0,
  });
  return finish(tell(say(done, events.initialized(canary)), alerts.initialized(canary)), 'initialized');
}

/** Says once that the providers answer, and once per distinct error that they don't; either way the bootstrap goes on. */
function* checkProviders(step: Step): Rule<Step> {
  if (step.canary.spec.skipAnalysis) return step;
  const answer = yield* attempt({ kind: 'observeMetricProviders' });
  if (!answer.ok) return unavailable(step, answer.failure.message);
  if (answer.value.kind === 'unavailable') return unavailable(step, answer.value.detail);
  return sayOnce(forgotten(step, 'providers unavailable: '), 'providers available', events.providersAvailable());
}

function unavailable(step: Step, error: string): Step {
  const key = `providers unavailable: ${error}`;
  return sayOnce(forgotten(step, 'providers available'), key, events.providersUnavailable(error));
}
