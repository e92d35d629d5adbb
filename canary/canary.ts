/**
 * The Canary as the rules see it: what it wants (spec.ts), what is decided about it (status), and its names.
 *
 * `parse.ts` builds it from what the API server returns; nothing else does.
 */
import type { CanarySpec, Severity } from './spec.ts';

/** `status.phase`. Settled phases wait for a new revision; running ones take a step in every slot. */
export const Phase = {
  Initializing: 'Initializing',
  Initialized: 'Initialized',
  Waiting: 'Waiting',
  Progressing: 'Progressing',
  WaitingPromotion: 'WaitingPromotion',
  Promoting: 'Promoting',
  Finalising: 'Finalising',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Terminating: 'Terminating',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Shares of the traffic in percent; `primary + canary` is always 100. */
export interface Weights {
  readonly primary: number;
  readonly canary: number;
  /** True while requests to the primary are also copied to the canary. */
  readonly mirrored: boolean;
}

/** Cookies as `name=value`, as far as the routes need them. */
export interface AffinityCookies {
  /** Of those whom the canary has answered; while it has traffic. */
  readonly canary?: string;
  /** Of those whom the primary has answered since the last weight step; only with `primaryCookieName`. */
  readonly primary?: string;
  /** Of a canary that has no traffic any more: browsers are told to forget it. */
  readonly previous?: string;
}

/** One state of the target: hash of its pod template and checksums of the ConfigMaps and Secrets it reads. */
export interface Revision {
  /** Versioned hash as stored in `status.lastAppliedSpec`. */
  readonly template: string;
  /** `configmap/{name}` or `secret/{name}` to 16 hex digits; absent where configs are not tracked. */
  readonly configs?: Readonly<Record<string, string>>;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

/** What was decided and cannot be derived again; recorded before it is carried out. */
export type Decision = { readonly kind: 'rollback'; readonly cause: RollbackCause } | { readonly kind: 'promote' };
export type RollbackCause = 'FailedChecks' | 'CheckErrors' | 'RollbackHook' | 'DeadlineExceeded';

/** The size that the primary must have to take traffic over. */
export interface Sizing {
  /** Pods at the least. */
  readonly replicas: number;
  /** Those among them that served the primary's own share when it was asked for. */
  readonly own: number;
  /** When it was asked for; after the end of a run, since when the traffic has been there (RFC 3339). */
  readonly since: string;
}

const runPhases: ReadonlySet<string> = new Set(['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising']);

/** Whether a revision is being analysed or promoted in this phase. */
export const isRunPhase = (phase: string | undefined): boolean => phase !== undefined && runPhases.has(phase);

const settledPhases: ReadonlySet<string> = new Set(['Initialized', 'Succeeded', 'Failed']);

/** Whether nothing goes on in this phase until there is another revision. */
export const isSettledPhase = (phase: string | undefined): boolean => phase !== undefined && settledPhases.has(phase);

/** Bookkeeping of ours beside the reference's fields; absent on Canaries that another controller wrote. */
export interface Run {
  /** Names one revision's way from detection to Succeeded or Failed. */
  readonly id: string;
  /** When the last step of this run was taken (RFC 3339 with milliseconds). */
  readonly lastStepTime?: string;
  /** The slot of that step; a slot advances a canary at most once. */
  readonly lastSlot?: number;
  /** Since when the run has been waiting for pods or for a write to succeed; the progress deadline's clock. Absent while it goes on. */
  readonly waitingSince?: string;
  /** When that wait has lasted too long, for those who read the status: the rules count from `waitingSince`. */
  readonly deadline?: string;
  /** Since when the canary has had no traffic while its pods still finish what they have begun. */
  readonly drainingSince?: string;
  readonly sizing?: Sizing;
  /** How many pods canary and primary had when they were last seen ready. */
  readonly steady?: { readonly canary?: number; readonly primary?: number };
  readonly decision?: Decision;
  /** Checks in a row that could not be made (provider down, timeout, 5xx); apart from failedChecks. */
  readonly checkErrors: number;
  /** Whether the routes copy requests to the canary at the moment. */
  readonly mirrored: boolean;
  /** Post-rollout hooks that are still to be called, with the outcome that they are told. */
  readonly owed?: 'Succeeded' | 'Failed';
  /** Messages that are said once per run, in the order they were said. */
  readonly said: readonly string[];
}

/** An event, alert or counter that follows from a saved status; kept there until it is known to be delivered. */
export type Announcement =
  | {
      readonly kind: 'event';
      readonly id: string;
      readonly type: 'Normal' | 'Warning';
      readonly message: string;
      /** Phase and revision checksum that event webhooks report. */
      readonly phase: Phase;
      readonly checksum: string;
    }
  | {
      readonly kind: 'alert';
      readonly id: string;
      readonly severity: Severity;
      readonly message: string;
      /** Whether target, threshold, deadline and routing fields go along. */
      readonly withMetadata: boolean;
    }
  | {
      readonly kind: 'count';
      readonly id: string;
      readonly outcome: 'success' | 'failure';
      readonly analysis: 'completed' | 'skipped';
    };

export interface CanaryStatus {
  /** Absent on an object that no controller has seen yet. */
  readonly phase?: Phase;
  readonly failedChecks: number;
  readonly canaryWeight: number;
  readonly iterations: number;
  readonly previousSessionAffinityCookie?: string;
  readonly sessionAffinityCookie?: string;
  readonly primarySessionAffinityCookie?: string;
  readonly trackedConfigs?: Readonly<Record<string, string>>;
  readonly lastAppliedSpec?: string;
  readonly lastPromotedSpec?: string;
  readonly lastTransitionTime?: string;
  readonly conditions: readonly Condition[];
  readonly observedGeneration?: number;
  readonly run?: Run;
  readonly outbox: readonly Announcement[];
}

export interface Canary {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  /** Guards the status write: a step that finds another version has been overtaken. */
  readonly resourceVersion: string;
  readonly deleting: boolean;
  /** Whether the operator limits how many runs go on at the same time. */
  readonly isLimited?: boolean;
  readonly finalizers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: CanarySpec;
  readonly status: CanaryStatus;
}

/** `spec.service.name` with the suffix of the Service that serves the primary. */
export const primaryServiceName = (canary: Canary): string => `${canary.spec.service.name}-primary`;
/** `spec.service.name` with the suffix of the Service that serves the canary. */
export const canaryServiceName = (canary: Canary): string => `${canary.spec.service.name}-canary`;
/** Name of our copy of the target. */
export const primaryName = (canary: Canary): string => `${canary.spec.target.name}-primary`;
