/** Compares what a row expects with what the rules do. */
import type { ExecutionContext } from 'ava';
import { actionKey } from '../../canary/action-key.ts';
import type { Canary, CanaryStatus, Run } from '../../canary/canary.ts';
import type { StepTime } from '../../canary/step.ts';
import { play } from './rows.ts';
import type { Played, Position, Row } from './rows.ts';

export function proveRow(t: ExecutionContext, row: Row): void {
  const played = play(row);
  t.deepEqual(played.asked.map(actionKey), row.asks, 'what is asked and done');
  provePosition(t, row, played);
  proveAnnouncements(t, row, played);
  proveBookkeeping(t, row, played);
  for (const [key, wanted] of Object.entries(row.carrying ?? {})) {
    t.like(
      played.asked.find((action) => actionKey(action) === key),
      wanted,
      key,
    );
  }
}

/** What holds of every step: the time of the phase, and that a step which is not taken leaves the status to the letter. */
function proveBookkeeping(t: ExecutionContext, { canary, asks, ends }: Row, { before, done, at }: Played): void {
  const { status } = done;
  const isTaken = asks.length > 0 || ends.outcome === 'suspended';
  if (!isTaken) t.is(status, before, 'status');
  const moved = status.phase === before.phase ? before.lastTransitionTime : new Date(at.now).toISOString();
  t.is(status.lastTransitionTime, moved, 'lastTransitionTime');
  if (!isTaken || status === before) return;
  t.is(status.observedGeneration, canary.generation, 'observedGeneration');
  proveDeadline(t, canary, status);
}

/** Whatever waits says until when. */
function proveDeadline(t: ExecutionContext, { spec }: Canary, { run }: CanaryStatus): void {
  const { waitingSince } = run ?? {};
  const until = waitingSince === undefined ? undefined : Date.parse(waitingSince) + spec.progressDeadlineMs;
  t.is(run?.deadline, until === undefined ? undefined : new Date(until).toISOString(), 'deadline');
}

function provePosition(t: ExecutionContext, row: Row, { before, done, at }: Played): void {
  const start = positionOf(before, at, before);
  t.deepEqual(positionOf(done.status, at, before), { ...start, ...row.ends.becomes }, 'position');
  t.is(done.outcome, row.ends.outcome);
  const stalled = done.status.conditions.find(({ type }) => type === 'Stalled');
  t.is(stalled?.reason, row.ends.stalled, 'Stalled');
  const queued = done.status.conditions.find(({ type }) => type === 'Queued');
  t.is(queued && `${queued.reason}: ${queued.message}`, row.ends.queued, 'Queued');
  const { promotedSays, readySays } = row.ends;
  const [promoted, ready] = done.status.conditions;
  if (promotedSays !== undefined) t.is(promoted?.message, promotedSays, 'Promoted');
  if (readySays !== undefined) t.is(ready?.message, readySays, 'Ready');
  const { said, steady } = done.status.run ?? noBookkeeping;
  const { remembers = {} } = row.ends;
  t.deepEqual({ said, steady, ...remembers }, { said, steady }, 'what is remembered');
}

function proveAnnouncements(t: ExecutionContext, row: Row, { announcements }: Played): void {
  const { says = [], tells = [], counts = [] } = row.ends;
  const messages = (kind: 'event' | 'alert'): readonly string[] =>
    announcements.flatMap((one) => (one.kind === kind && 'message' in one ? [one.message] : []));
  t.deepEqual(messages('event'), says, 'events');
  t.deepEqual(messages('alert'), tells, 'alerts');
  const counted = announcements.flatMap((one) => (one.kind === 'count' ? [`${one.outcome} ${one.analysis}`] : []));
  t.deepEqual(counted, counts, 'counters');
}

function positionOf(status: CanaryStatus, at: StepTime, before: CanaryStatus): Position {
  const { phase, iterations, failedChecks } = status;
  return {
    phase,
    weight: status.canaryWeight,
    iterations,
    failedChecks,
    applied: status.lastAppliedSpec,
    promoted: status.lastPromotedSpec,
    configs: status.trackedConfigs,
    run: runText(status.run?.id, before),
    ...bookkeeping(status.run, at),
    canaryCookie: status.sessionAffinityCookie,
    primaryCookie: status.primarySessionAffinityCookie,
    previousCookie: status.previousSessionAffinityCookie,
  };
}

const noBookkeeping: Run = { id: '', checkErrors: 0, mirrored: false, said: [] };

function bookkeeping(run: Run | undefined, at: StepTime) {
  const known = run ?? noBookkeeping;
  const since = (time: string | undefined): number | undefined =>
    time === undefined ? undefined : at.now - Date.parse(time);
  return {
    lastSlot: known.lastSlot,
    lastStep: since(known.lastStepTime),
    waited: since(known.waitingSince),
    drained: since(known.drainingSince),
    size: known.sizing?.replicas,
    sized: since(known.sizing?.since),
    decision: decisionText(known.decision),
    owed: known.owed,
    checkErrors: known.checkErrors,
    mirrored: known.mirrored,
  };
}

/** Bookkeeping from before the first run has no id. */
function runText(id: string | undefined, before: CanaryStatus): string | undefined {
  if (id === undefined || id === '') return undefined;
  return id === before.run?.id ? id : 'new';
}

const decisionText = (decision: Run['decision']): string | undefined =>
  decision?.kind === 'rollback' ? `rollback ${decision.cause}` : decision?.kind;
