/**
 * One step as the rules carry it along: the canary as read, the time, and the status and announcements so far.
 * Every function returns a new Step; nothing is changed in place.
 */
import type { Action, Answers, Done, Failure, StepOutcome } from './action.ts';
import type { Announcement, Canary, CanaryStatus, Phase, Revision, Run } from './canary.ts';
import { isRunPhase } from './canary.ts';
import { checksumOf } from './checksum.ts';
import { conditionsOf } from './conditions.ts';
import type { FailureKind, Problem, Queued } from './conditions.ts';
import { announcementId } from './identity.ts';
import { alerts, events, warning } from './messages.ts';
import type { AlertText, EventText } from './messages.ts';
import { attempt, end } from './rule.ts';
import type { Rule } from './rule.ts';

/** When a step takes place. */
export interface StepTime {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Number of the canary's interval in which it was due. */
  readonly slot: number;
}

export interface Step {
  readonly canary: Canary;
  readonly at: StepTime;
  readonly status: CanaryStatus;
  readonly announcements: readonly Announcement[];
  /** What the run waits for or was halted by; shown with the condition Ready. */
  readonly why?: string;
  /** Which place a new revision waits for; shown as the condition Queued. */
  readonly queued?: Queued;
}

const noRun: Run = { id: '', checkErrors: 0, mirrored: false, said: [] };

export const beginStep = (canary: Canary, at: StepTime): Step => ({
  canary,
  at,
  status: canary.status,
  announcements: [],
});

/** RFC 3339 in UTC with milliseconds. */
export const timestamp = (at: StepTime): string => new Date(at.now).toISOString();

/** The bookkeeping of the run, or an empty one where none was ever written. */
export const runOf = (step: Step): Run => step.status.run ?? noRun;

export const change = (step: Step, changes: Partial<CanaryStatus>): Step => ({
  ...step,
  status: { ...step.status, ...changes },
});

export const changeRun = (step: Step, changes: Partial<Run>): Step =>
  change(step, { run: { ...runOf(step), ...changes } });

/** Puts a phase into the status; its time moves only when the phase does. */
export function enter(step: Step, phase: Phase, changes: Partial<CanaryStatus> = {}): Step {
  const moved = phase === step.status.phase ? {} : { lastTransitionTime: timestamp(step.at) };
  return change(step, { ...changes, ...moved, phase });
}

/** Takes a part out of the run that belongs to what has just ended. */
export function clearRun(
  step: Step,
  part: 'decision' | 'waitingSince' | 'owed' | 'drainingSince' | 'sizing' | 'steady',
): Step {
  const { [part]: _cleared, ...rest } = runOf(step);
  return step.status.run?.[part] === undefined ? step : change(step, { run: rest });
}

/** Notes that this step advanced the run, so that the slot is spent and the next step keeps its distance. */
export const spendSlot = (step: Step): Step =>
  changeRun(clearRun(step, 'waitingSince'), { lastStepTime: timestamp(step.at), lastSlot: step.at.slot });

const announce = (step: Step, announcement: Announcement): Step => ({
  ...step,
  announcements: [...step.announcements, announcement],
});

/**
 * Announces an event; event webhooks are told the phase that the status holds at this point, and its revision.
 *
 * @param about the revision that is spoken of, where it is not the one that was decided on last
 */
export function say(step: Step, text: EventText, about?: Revision): Step {
  const { phase, trackedConfigs, lastAppliedSpec = '' } = step.status;
  const { configs, template } = about ?? { configs: trackedConfigs, template: lastAppliedSpec };
  return announce(step, {
    kind: 'event',
    id: announcementId(step.canary, step.at.slot, `event ${text.message}`),
    ...text,
    phase: phase ?? 'Initializing',
    checksum: checksumOf(configs, template),
  });
}

/** Announces an event unless this run has said it under the same key. */
export function sayOnce(step: Step, key: string, text: EventText): Step {
  const { said } = runOf(step);
  return said.includes(key) ? step : say(changeRun(step, { said: [...said, key] }), text);
}

export const tell = (step: Step, text: AlertText): Step =>
  announce(step, {
    kind: 'alert',
    id: announcementId(step.canary, step.at.slot, `alert ${text.message}`),
    ...text,
  });

export const count = (step: Step, outcome: 'success' | 'failure', analysis: 'completed' | 'skipped'): Step =>
  announce(step, {
    kind: 'count',
    id: announcementId(step.canary, step.at.slot, `count ${outcome}`),
    outcome,
    analysis,
  });

/** Gives the condition Ready a reason that users read. */
export const because = (step: Step, why: string): Step => ({ ...step, why });

/** What a Failed canary is left with. Traffic without a decision of ours is what the reference's failed promotion leaves. */
function failureOf({ canaryWeight, run }: CanaryStatus): FailureKind {
  if (run?.drainingSince !== undefined) return 'draining';
  if (run?.decision?.kind === 'rollback') return 'rollbackPending';
  return run?.decision?.kind === 'promote' || canaryWeight > 0 ? 'promotionFailed' : 'scaledToZero';
}

/** Fills in what every status carries: conditions and the generation that was looked at. */
function complete(step: Step, problem: Problem | undefined): CanaryStatus {
  const { canary, status } = step;
  const phase = status.phase ?? 'Initializing';
  const conditions = conditionsOf(canary, timestamp(step.at), {
    phase,
    failure: failureOf(status),
    problem,
    suspended: canary.spec.suspend,
    why: step.why,
    queued: step.queued,
  });
  return { ...withDeadline(step), conditions, observedGeneration: canary.generation };
}

/** The end of the wait as readers see it: it follows an edited `progressDeadlineSeconds`. */
function withDeadline({ canary, status }: Step): CanaryStatus {
  if (status.run === undefined) return status;
  const { deadline: _last, ...run } = status.run;
  if (run.waitingSince === undefined) return { ...status, run };
  const deadline = new Date(Date.parse(run.waitingSince) + canary.spec.progressDeadlineMs).toISOString();
  return { ...status, run: { ...run, deadline } };
}

export const finish = (step: Step, outcome: StepOutcome, problem?: Problem): Done => ({
  kind: 'done',
  status: complete(step, problem),
  announcements: step.announcements,
  outcome,
});

/** What is not this step's business keeps its status to the letter, conditions included. */
export const untouched = ({ status }: Step, outcome: StepOutcome): Done => ({
  kind: 'done',
  status,
  announcements: [],
  outcome,
});

/** Saves what is decided so far before it is carried out, and goes on with nothing left to announce. */
export function* record(step: Step): Rule<Step> {
  yield* attempt({ kind: 'record', status: complete(step, undefined), announcements: step.announcements });
  return { ...step, announcements: [] };
}

/** Whether a revision is being analysed or promoted. */
export const isRunning = ({ status: { phase } }: Step): boolean => isRunPhase(phase);

/** Whether the run has been waiting for longer than `progressDeadlineSeconds`. */
export function isOverdue(step: Step): boolean {
  const since = runOf(step).waitingSince;
  return since !== undefined && step.at.now - Date.parse(since) >= step.canary.spec.progressDeadlineMs;
}

/** Starts the deadline's clock unless it is running. */
export const keepWaiting = (step: Step): Step =>
  runOf(step).waitingSince === undefined ? changeRun(step, { waitingSince: timestamp(step.at) }) : step;

const stallReasons: Partial<Record<Failure['reason'], Problem['reason']>> = {
  routeConflict: 'RouteConflict',
  unsupported: 'ProviderUnsupported',
};

/**
 * The end of a step whose effect could not be had. A lost race is nobody's business: the next step sees the
 * newer state. Anything else is said, and beyond the deadline it stalls the Canary and rolls a running analysis back.
 *
 * @param reason shows the Canary as Stalled at once
 */
export function stopped(step: Step, failure: Failure, reason = stallReasons[failure.reason]): Done {
  if (failure.reason === 'conflict') return finish(step, 'stopped');
  const said = because(keepWaiting(say(step, warning(failure.message))), failure.message);
  if (!isOverdue(said)) {
    return finish(said, 'stopped', reason === undefined ? undefined : { reason, message: failure.message });
  }
  const problem: Problem = { reason: reason ?? 'DeadlineExceeded', message: failure.message };
  const { phase } = said.status;
  if (phase !== 'Progressing' && phase !== 'WaitingPromotion') return finish(said, 'stopped', problem);
  return finish(decideDeadline(said, failure.message), 'stopped', problem);
}

/** Decides to roll back because the deadline has passed, once per run. */
export function decideDeadline(step: Step, why: string): Step {
  if (runOf(step).decision?.kind === 'rollback') return step;
  const decided = changeRun(clearRun(step, 'sizing'), { decision: { kind: 'rollback', cause: 'DeadlineExceeded' } });
  return tell(say(decided, events.rollbackDeadline(step.canary, why)), alerts.rollbackDeadline(why));
}

/** Carries an action out, or ends the step. */
export function* need<A extends Action>(step: Step, action: A): Rule<Answers[A['kind']]> {
  const outcome = yield* attempt(action);
  if (!outcome.ok) return yield* end(stopped(step, outcome.failure));
  return outcome.value;
}
