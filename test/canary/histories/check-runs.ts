/** What holds of the runs of a history: what they promoted, what they said, what they left. */
import { isDeepStrictEqual } from 'node:util';
import type { CanaryStatus } from '../../../canary/canary.ts';
import type { Session } from '../../../sandbox/simulated/session.ts';
import type { Incident } from './incidents.ts';
import type { History } from './play.ts';
import { violated } from './violated.ts';

/** Invariant 2: whatever the primary was given had passed its analysis, or was to skip it. */
export function checkPromotions({ session, shape }: History): void {
  if (shape.skipAnalysis) return;
  for (const { action, outcome } of session.performed()) {
    if (action.kind !== 'promote' || !isDeepStrictEqual(outcome, copied)) continue;
    const { template, configs } = action.revision;
    const name = `${template} ${configs?.['configmap/podinfo'] ?? ''}`;
    if (/failing|slow|broken/.test(name)) violated(2, `${name} was promoted`);
  }
}

const copied = { ok: true, value: { kind: 'copied' } };

/** Invariant 7: one alert for each end of a run, however often a step was repeated. */
export function checkAlerts(session: Session): void {
  const said = session.delivered().map(({ announcement }) => announcement);
  const count = (kind: 'alert' | 'event', text: RegExp): number =>
    said.filter((one) => one.kind === kind && 'message' in one && text.test(one.message)).length;
  const runs = count('alert', /New revision detected, progressing/);
  const restarts = count('event', /Restarting/);
  // A promotion that fails may still be finished; a primary that is late is told once, and for each new copy.
  const ends = count('alert', /promotion finished|Failed checks threshold|manual webhook|could not be made/i);
  const lateStarts = count('alert', /deadline exceeded podinfo\.test|deadline exceeded canary/i);
  const failures = count('alert', /^Promotion failed/);
  const failed = session.saved().filter(({ status }, index, all) => failsPromotion(all[index - 1]?.status, status));
  if (failures > failed.length) violated(7, `${failures} alerts of ${failed.length} promotions that failed`);
  if (ends + lateStarts > runs + restarts + 1) violated(7, `${ends} ends were alerted of ${runs} runs`);
}

const failsPromotion = (before: CanaryStatus | undefined, after: CanaryStatus): boolean =>
  before?.phase !== 'Failed' && after.phase === 'Failed' && after.run?.decision?.kind === 'promote';

const begins = new Set<Incident['kind']>(['release', 'configure', 'releaseDuring', 'primaryLost']);

/** Spec of targets, section 7: no run begins merely because a Canary at rest changed hands. */
export function checkTakeOver({ session, shape }: History, incidents: readonly Incident[]): void {
  const isAtRest = shape.takenOver === 'Initialized' || shape.takenOver === 'Succeeded';
  if (!isAtRest || incidents.some(({ kind }) => begins.has(kind))) return;
  if (session.steps().some(({ outcome }) => outcome === 'started')) violated(2, 'a take-over began a run');
}
