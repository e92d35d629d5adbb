/** `status.conditions`: Promoted as in the reference, Ready and Stalled with the meaning that kstatus gives them. */
import { Phase } from './canary.ts';
import type { Canary, CanaryStatus, Condition } from './canary.ts';

/** Why a Canary can't go on without help; shown as Stalled. */
export interface Problem {
  readonly reason:
    | 'InvalidSpec'
    | 'TargetConflict'
    | 'ProviderUnsupported'
    | 'DeadlineExceeded'
    | 'RouteConflict'
    | 'MissingScaler'
    | 'PrimaryLost';
  readonly message: string;
}

/** Why a run does not begin yet; shown as Queued. */
export interface Queued {
  readonly reason: 'ClusterFull' | 'NamespaceFull' | 'Counting';
  readonly message: string;
}

/** What the phase Failed is about: how a run ended, or why its end is not carried out yet. */
export type FailureKind = 'scaledToZero' | 'draining' | 'rollbackPending' | 'promotionFailed';

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

function promoted(canary: Canary, phase: Phase, failure: FailureKind): Verdict {
  const kind = canary.spec.target.kind;
  const failures: Record<FailureKind, string> = {
    scaledToZero: `Canary analysis failed, ${kind} scaled to zero.`,
    draining: `Canary analysis failed, ${kind} finishes its connections before it is scaled to zero.`,
    rollbackPending: 'Canary analysis failed, primary not ready.',
    promotionFailed: 'Promotion failed, primary not ready.',
  };
  const texts: Record<Phase, readonly [Verdict['status'], string]> = {
    Initializing: ['Unknown', `New ${kind} detected, starting initialization.`],
    Initialized: ['True', `${kind} initialization completed.`],
    Waiting: ['Unknown', 'Waiting for approval.'],
    WaitingPromotion: ['Unknown', 'Waiting for approval.'],
    Progressing: ['Unknown', 'New revision detected, progressing canary analysis.'],
    Promoting: ['Unknown', 'Canary analysis completed, starting primary rolling update.'],
    Finalising: ['Unknown', 'Canary analysis completed, routing all traffic to primary.'],
    Succeeded: ['True', 'Canary analysis completed successfully, promotion finished.'],
    Failed: ['False', failures[failure]],
    Terminating: ['Unknown', 'Terminating canary.'],
  };
  const [status, message] = texts[phase];
  return { status, reason: phase, message };
}

function ready({ phase, problem, suspended = false, why }: State): Verdict {
  if (problem !== undefined) return { status: 'False', reason: problem.reason, message: problem.message };
  if (suspended)
    return {
      status: 'False',
      reason: 'Suspended',
      message: 'The analysis is suspended: set spec.suspend to false to go on.',
    };
  const status = phase === Phase.Initialized || phase === Phase.Succeeded ? 'True' : 'False';
  return { status, reason: phase, message: why === undefined ? atRest(phase) : `${atRest(phase)} ${why}` };
}

function atRest(phase: Phase): string {
  if (phase === Phase.Initialized || phase === Phase.Succeeded) return 'The primary serves the promoted revision.';
  if (phase === Phase.Failed) return 'The last revision was not promoted.';
  return phase === Phase.Terminating ? 'The target takes over from the primary.' : 'A rollout is in progress.';
}

function updated(old: Condition | undefined, type: string, verdict: Verdict & { readonly now: string }): Condition {
  const { now, ...next } = verdict;
  if (old?.status === next.status && old.reason === next.reason && old.message === next.message) return old;
  const kept = old?.status === next.status ? old.lastTransitionTime : now;
  return { type, ...next, lastUpdateTime: now, lastTransitionTime: kept };
}

export interface State {
  readonly phase: Phase;
  readonly failure: FailureKind;
  readonly problem?: Problem | undefined;
  readonly suspended?: boolean;
  /** What is waited for, or what halted the run. */
  readonly why?: string | undefined;
  readonly queued?: Queued | undefined;
}

/**
 * The conditions of a Canary in this phase. Unchanged ones keep their times, so an unchanged status stays equal.
 *
 * @param now RFC 3339
 */
export function conditionsOf(canary: Canary, now: string, state: State): readonly Condition[] {
  const old = (type: string): Condition | undefined => canary.status.conditions.find((known) => known.type === type);
  const list = [
    updated(old('Promoted'), 'Promoted', { ...promoted(canary, state.phase, state.failure), now }),
    updated(old('Ready'), 'Ready', { ...ready(state), now }),
  ];
  const { problem, queued } = state;
  if (queued !== undefined) list.push(updated(old('Queued'), 'Queued', { status: 'True', ...queued, now }));
  if (problem !== undefined) list.push(updated(old('Stalled'), 'Stalled', { status: 'True', ...problem, now }));
  return list;
}

/** Phases in which steps lead somewhere, so that it matters how often they come. */
const underWay: ReadonlySet<string> = new Set<Phase>([
  Phase.Initializing,
  Phase.Waiting,
  Phase.Progressing,
  Phase.WaitingPromotion,
  Phase.Promoting,
  Phase.Finalising,
]);

export interface Stretch {
  /** Of so many slots one is taken. */
  readonly ratio: number;
  /** RFC 3339. */
  readonly now: string;
  /** The conditions before this step. */
  readonly before: readonly Condition[];
}

/** Says in a condition that steps of a run come less often than the interval asks for; at rest it is nobody's concern. */
export function withStretch(status: CanaryStatus, { ratio, now, before }: Stretch): CanaryStatus {
  const others = status.conditions.filter(({ type }) => type !== 'Stretched');
  const isShown = ratio > 1 && status.phase !== undefined && underWay.has(status.phase);
  if (!isShown) return others.length === status.conditions.length ? status : { ...status, conditions: others };
  const old = before.find(({ type }) => type === 'Stretched');
  const often =
    Math.ceil(ratio) === 2 ? 'some intervals have no step' : `steps come up to ${Math.ceil(ratio)} intervals apart`;
  const message = `The workers can't keep up: ${often}; more workers help.`;
  const told = updated(old, 'Stretched', { status: 'True', reason: 'Overloaded', message, now });
  return { ...status, conditions: [...others, told] };
}
