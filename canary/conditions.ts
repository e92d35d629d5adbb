/** `status.conditions`: Promoted as in the reference, Ready and Stalled with the meaning that kstatus gives them. */
import { Phase } from './canary.ts';
import type { Canary, Condition } from './canary.ts';

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
  readonly reason: 'ClusterFull' | 'NamespaceFull';
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
  if (suspended) return { status: 'False', reason: 'Suspended', message: 'The analysis is suspended.' };
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
