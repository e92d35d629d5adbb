/** What holds of the runs of a history: what they promoted, what they said, what they left. */
import { isDeepStrictEqual } from 'node:util';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { strategyOf } from '../../../canary/spec.ts';
import type { Analysis } from '../../../canary/spec.ts';
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

const analysed: ReadonlySet<string | undefined> = new Set(['Progressing', 'WaitingPromotion']);

/** Invariant 2, of any release: what a step of an analysis promotes has come to its end within its limits. */
export function checkPositions({ session, shape }: History): void {
  if (shape.skipAnalysis) return;
  for (const { canary, actions } of session.steps()) {
    const { status, spec } = canary;
    const isUnderWay = analysed.has(status.phase) && status.run?.decision === undefined;
    if (isUnderWay && actions.some(({ kind }) => kind === 'promote')) checkPosition(status, spec.analysis);
  }
}

function checkPosition({ canaryWeight, iterations, failedChecks }: CanaryStatus, analysis: Analysis): void {
  const isAtEnd =
    strategyOf(analysis) === 'canary' ? canaryWeight >= analysis.maxWeight : iterations >= analysis.iterations;
  if (!isAtEnd) violated(2, `promoted at weight ${canaryWeight}, iteration ${iterations}`);
  if (failedChecks >= analysis.threshold) violated(2, `promoted after ${failedChecks} failed checks`);
}

const copied = { ok: true, value: { kind: 'copied' } };

/** Invariant 7: what people are to be told is saved together with what happened. */
export function checkTold(session: Session): void {
  for (const [index, { status }] of session.saved().entries()) {
    const before = session.saved()[index - 1]?.status;
    const owed = before === undefined ? undefined : owedAlert(before, status);
    const isTold = status.outbox.some((one) => one.kind === 'alert' && owed?.test(one.message) === true);
    if (owed !== undefined && !isTold) violated(7, `no alert said ${owed.source}, in ${status.phase}`);
  }
}

function owedAlert(before: CanaryStatus, after: CanaryStatus): RegExp | undefined {
  const isDecided = (status: CanaryStatus): boolean => status.run?.decision?.kind === 'rollback';
  if (isDecided(after) && !isDecided(before)) return rolledBack;
  if (isOver(after) && !isOver(before) && before.phase !== undefined) return /promotion finished/;
  return before.phase === after.phase ? undefined : ofPhase(before, after);
}

const rolledBack = /Failed checks threshold|manual webhook|could not be made|deadline exceeded/i;

/** With its hooks asked, after which it is told. */
const isOver = ({ phase, run }: CanaryStatus): boolean => phase === 'Succeeded' && run?.owed === undefined;

function ofPhase({ phase, run }: CanaryStatus, after: CanaryStatus): RegExp | undefined {
  // A run that takes the place of another one is told by an event alone.
  const isBegun = atRest.has(phase) && run?.decision === undefined && after.phase === 'Progressing';
  if (isBegun) return /New revision detected/;
  if (phase === 'Initializing' && after.phase === 'Initialized') return /initialization completed/;
  return after.phase === 'WaitingPromotion' ? /promotion is waiting/ : undefined;
}

const atRest: ReadonlySet<string | undefined> = new Set(['Initialized', 'Waiting', 'Succeeded', 'Failed']);

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
