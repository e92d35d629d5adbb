/**
 * Bootstrap: a primary that equals the target, an apex that serves it, then the target at zero. Until the primary is
 * ready the target keeps its replicas and its traffic, and nothing is ever rolled back.
 *
 *   (new) ──▶ Initializing ──primary ready, apex serves it──▶ Initialized
 */
import type { Done, TargetFact } from '../action.ts';
import { flaggerId } from '../identity.ts';
import { alerts, events } from '../messages.ts';
import { primaryWaits, sayPrimaryWaits } from '../reconcile.ts';
import { attempt } from '../rule.ts';
import type { Rule } from '../rule.ts';
import {
  changeRun,
  clearRun,
  enter,
  finish,
  isOverdue,
  keepWaiting,
  need,
  runOf,
  say,
  sayOnce,
  tell,
} from '../step.ts';
import type { Step } from '../step.ts';
import { allToPrimary } from '../weights.ts';

export function* initializing(begun: Step): Rule<Done> {
  const entered = enter(begun, 'Initializing');
  const seen = yield* need(entered, { kind: 'observeTarget' });
  yield* need(entered, { kind: 'ensureServices' });
  const step = yield* checkProviders(entered);
  if (seen.primary?.equalsTarget !== true) {
    const id = flaggerId(step.canary, seen.revision);
    yield* need(step, { kind: 'ensurePrimary', follow: true, flaggerId: id });
    return finish(sayPrimaryWaits(keepWaiting(step), notReadyYet(seen)), 'initializing');
  }
  const waits = primaryWaits(seen);
  if (waits !== undefined) return primaryNotReady(step, waits);
  return yield* switchToPrimary(step, seen);
}

const notReadyYet = (seen: TargetFact): string =>
  `waiting for rollout to finish: 0 out of ${Math.max(1, seen.target.replicas)} new replicas have been updated`;

/** A primary past its deadline is reported once; initialization goes on as soon as it is ready. */
function primaryNotReady(step: Step, waits: { readonly why: string; readonly stuck: boolean }): Done {
  const waiting = sayPrimaryWaits(keepWaiting(step), waits.why);
  if (!waits.stuck && !isOverdue(waiting)) return finish(waiting, 'initializing');
  const first = !runOf(waiting).said.includes('deadline');
  const told = sayOnce(waiting, 'deadline', events.rollbackDeadline(step.canary, waits.why));
  const alerted = first ? tell(told, alerts.rollbackDeadline(waits.why)) : told;
  return finish(alerted, 'initializing', { reason: 'DeadlineExceeded', message: waits.why });
}

function* switchToPrimary(step: Step, seen: TargetFact): Rule<Done> {
  const { canary } = step;
  const primary = yield* need(step, { kind: 'observeEndpoints', of: 'primary' });
  if (primary.primary === 0) {
    return finish(sayPrimaryWaits(keepWaiting(step), 'its Service has no ready endpoints'), 'initializing');
  }
  if (canary.spec.scaler !== undefined) yield* need(step, { kind: 'ensureScaler' });
  yield* need(step, { kind: 'ensureApex' });
  const apex = yield* need(step, { kind: 'observeEndpoints', of: 'apex' });
  if (!apex.apexServesPrimary) {
    return finish(sayPrimaryWaits(keepWaiting(step), 'the apex Service does not serve it yet'), 'initializing');
  }
  const scaled = yield* attempt({ kind: 'scaleTarget', to: 'zero' });
  if (!scaled.ok) {
    return finish(keepWaiting(say(step, events.scalingDownFailed(canary, scaled.failure.message))), 'stopped');
  }
  yield* need(step, { kind: 'ensureRoutes', weights: allToPrimary });
  const { template, configs } = seen.revision;
  const done = enter(clearRun(step, 'waitingSince'), 'Initialized', {
    failedChecks: 0,
    canaryWeight: 0,
    iterations: 0,
    lastAppliedSpec: template,
    lastPromotedSpec: template,
    ...(configs === undefined ? {} : { trackedConfigs: configs }),
  });
  return finish(tell(say(done, events.initialized(canary)), alerts.initialized(canary)), 'initialized');
}

/** Says once that the providers answer, and once per distinct error that they don't; either way the bootstrap goes on. */
function* checkProviders(step: Step): Rule<Step> {
  if (step.canary.spec.skipAnalysis || step.canary.spec.analysis.metrics.length === 0) return step;
  const answer = yield* attempt({ kind: 'observeMetricProviders' });
  if (!answer.ok) return unavailable(step, answer.failure.message);
  if (answer.value.kind === 'unavailable') return unavailable(step, answer.value.detail);
  return sayOnce(forget(step, 'providers unavailable: '), 'providers available', events.providersAvailable());
}

function unavailable(step: Step, error: string): Step {
  const key = `providers unavailable: ${error}`;
  return sayOnce(forget(step, 'providers available'), key, events.providersUnavailable(error));
}

function forget(step: Step, prefix: string): Step {
  const { said } = runOf(step);
  const kept = said.filter((key) => !key.startsWith(prefix));
  return kept.length === said.length ? step : changeRun(step, { said: kept });
}
