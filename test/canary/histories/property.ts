/** What holds of every random history: the design's invariants at each action, and where it ends. */
import fc from 'fast-check';
import type { CanaryStatus } from '../../../canary/canary.ts';
import type { Session } from '../../../sandbox/simulated/session.ts';
import type { Release } from '../../../sandbox/simulated/workloads.ts';
import { checkDeleted } from '../check-deleted.ts';
import { incident, play, shape, whereabouts } from '../history.ts';
import type { History, Incident, Shape } from '../history.ts';
import { intervalMs } from '../story.ts';

/** Invariant 2: whatever the primary was given had passed its analysis in one uninterrupted run, or was the first. */
function checkPromotions(session: Session): void {
  const promoted = session.performed().filter(({ action }) => action.kind === 'promote');
  for (const { action } of promoted) {
    if (action.kind !== 'promote') continue;
    const { template } = action.revision;
    if (/failing|slow|broken/.test(template)) throw new Error(`${template} was promoted`);
  }
}

/** Invariants 5 and 6: a slot advances a run at most once, and two steps are never closer than 0.9 interval. */
function checkSteps(session: Session): void {
  const steps = session.saved().filter(({ status }, index, all) => advances(all[index - 1]?.status, status));
  for (const [index, step] of steps.entries()) {
    const previous = steps[index - 1];
    if (previous === undefined || previous.status.run?.id !== step.status.run?.id) continue;
    if (previous.slot === step.slot) throw new Error(`slot ${step.slot} advanced the canary twice`);
    if (step.at - previous.at < 0.9 * intervalMs) throw new Error(`steps ${step.at - previous.at} ms apart`);
  }
}

/** Whether a save moved the position of a run in its analysis. */
function advances(before: CanaryStatus | undefined, after: CanaryStatus): boolean {
  if (before?.phase !== 'Progressing' || after.phase !== 'Progressing' || before.run?.id !== after.run?.id)
    return false;
  return (
    before.canaryWeight !== after.canaryWeight ||
    before.iterations !== after.iterations ||
    before.failedChecks !== after.failedChecks
  );
}

const failsPromotion = (before: CanaryStatus | undefined, after: CanaryStatus): boolean =>
  before?.phase !== 'Failed' && after.phase === 'Failed' && after.run?.decision?.kind === 'promote';

/**
 * Invariant 7: one alert for each end of a run, however often a step was repeated. A promotion that has failed ends once
 * more when its primary recovers, and the bootstrap may be late once.
 */
function checkAlerts(session: Session): void {
  const kinds = session.delivered().map(({ announcement }) => announcement);
  const count = (text: RegExp): number => kinds.filter((one) => one.kind === 'alert' && text.test(one.message)).length;
  const runs = count(/New revision detected, progressing/);
  const failures = count(/^Promotion failed/);
  const failed = session.saved().filter(({ status }, index, all) => failsPromotion(all[index - 1]?.status, status));
  if (failures > failed.length) throw new Error(`${failures} alerts of ${failed.length} promotions that failed`);
  const ends = count(
    /promotion finished|Failed checks threshold|deadline exceeded|could not be made|primary not ready/i,
  );
  const restarts = kinds.filter((one) => one.kind === 'event' && /Restarting/.test(one.message)).length;
  if (ends > runs + restarts + failures + 1) {
    throw new Error(`${ends} ends were alerted of ${runs} runs`);
  }
}

/** Invariants 7 and 9: when everything is quiet again, the last release is promoted or refused, never forgotten. */
function checkEnd(history: History): void {
  const { phase } = history.session.canary().status;
  if (phase === 'Initializing' && !history.latest.starts) return;
  if (!['Initialized', 'Succeeded', 'Failed'].includes(phase ?? '')) throw new Error(`stuck: ${whereabouts(history)}`);
  const { target, routes } = history.cluster.state();
  if (target.replicas !== 0 || routes?.canary !== 0) throw new Error(`not at rest: ${whereabouts(history)}`);
  if (isGood(history.latest) && !isDecidedOn(history)) throw new Error(`lost a revision: ${whereabouts(history)}`);
}

function isDecidedOn({ session, cluster, latest }: History): boolean {
  const isPromoted = cluster.state().primary?.release.name === latest.name;
  return isPromoted || session.canary().status.lastAppliedSpec === `v1-${latest.name}`;
}

const isGood = (release: Release): boolean => release.starts && release.successRate === 100 && release.latency < 500;

/** A seed and a path mean the same history wherever this is asserted. */
export const histories: fc.IProperty<[Incident[], Shape]> = fc.property(
  fc.array(incident, { maxLength: 30 }),
  shape,
  (incidents, given) => {
    const history = play(incidents, given);
    checkPromotions(history.session);
    checkSteps(history.session);
    checkAlerts(history.session);
    if (history.session.canary().deleting) checkDeleted(history);
    else checkEnd(history);
  },
);
