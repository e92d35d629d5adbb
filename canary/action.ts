/**
 * What a step may want to know of the world (questions) and do to it (effects), and what it is told in return.
 *
 * Effects are absolute and repeatable: performing one twice leaves the cluster as performing it once.
 * Failures come back as values, so a rule decides what they mean.
 */
import type { AffinityCookies, Announcement, CanaryStatus, Phase, Revision, Weights } from './canary.ts';
import type { HookAnswer } from './hook-answer.ts';
import type { PlaceAnswer } from './queued.ts';
import type { Metric, Webhook } from './spec.ts';

export type Action =
  /** Target, primary and the revision they run, read in one go. */
  | { readonly kind: 'observeTarget' }
  /** Are the metric providers that the analysis names reachable? Asked while Initializing. */
  | { readonly kind: 'observeMetricProviders' }
  /** Who serves behind the Services; the adapter may wait a few seconds for controllers to catch up. */
  | { readonly kind: 'observeEndpoints'; readonly of: 'primary' | 'apex' }
  /** POST one webhook. The key is the same for every repetition of the same question. */
  | {
      readonly kind: 'callHook';
      readonly hook: Webhook;
      /** 2 for the second hook of the same type and name, and so on. */
      readonly occurrence?: number;
      readonly phase: Phase;
      readonly checksum: string;
      readonly idempotencyKey: string;
    }
  /** Ask a provider for one value. The verdict is not the adapter's business. */
  | { readonly kind: 'queryMetric'; readonly metric: Metric; readonly part: MetricPart }
  /** Services `-primary` and `-canary`. */
  | { readonly kind: 'ensureServices' }
  /** The apex Service, selecting the primary. */
  | { readonly kind: 'ensureApex' }
  /** Create the primary when it is absent; with `follow`, bring an existing one up to the target's template. */
  | { readonly kind: 'ensurePrimary'; readonly follow: boolean; readonly flaggerId: string }
  /** The primary's autoscaler, made to match the target's, with no fewer than `atLeast` pods where that is given. */
  | { readonly kind: 'ensureScaler'; readonly atLeast?: number }
  /** Raise the primary to so many pods, or to the most that its autoscaler may give it. It is never made smaller. */
  | { readonly kind: 'sizePrimary'; readonly replicas: number }
  /** The route object, with these weights and the cookies that go with them. Creates, repairs and shifts. */
  | { readonly kind: 'ensureRoutes'; readonly weights: Weights; readonly cookies?: AffinityCookies }
  /** `running`: resume the scaler and give the target replicas if it has none. `zero`: pause it and take them away. */
  | { readonly kind: 'scaleTarget'; readonly to: 'running' | 'zero' }
  /** Copy the target to the primary, provided that it still is this revision. */
  | { readonly kind: 'promote'; readonly revision: Revision; readonly flaggerId: string }
  /** Is the namespace of the Canary itself being deleted? Whoever may not read namespaces is answered no. */
  | { readonly kind: 'observeNamespace' }
  /** The target's autoscaler may act again. One that is gone is no failure. */
  | { readonly kind: 'resumeScaler' }
  /** For the end of a Canary: gives the target pods, with `raise` at least as many as the primary has. */
  | { readonly kind: 'restoreTarget'; readonly raise: boolean }
  /** For the end of a Canary: the apex Service as it was, or selecting the target, and no longer owned by the Canary. */
  | { readonly kind: 'restoreApex' }
  /** For the end of a Canary: routes that we created go, those that we took over are as they were. */
  | { readonly kind: 'restoreRoutes' }
  /** Is there a place for a run of this Canary? Asked where the operator limits how many go on. */
  | {
      readonly kind: 'admitRun';
      /** Epoch milliseconds since when it has been waiting. */
      readonly since: number;
    }
  /** Put our finalizer on the Canary, or take it away. A conflict ends the step; the rules never see it. */
  | { readonly kind: 'setFinalizer'; readonly present: boolean }
  /** Save the status now, in the middle of a step. A conflict ends the step; the rules never see it. */
  | { readonly kind: 'record'; readonly status: CanaryStatus; readonly announcements: readonly Announcement[] }
  /** Several questions at once. */
  | { readonly kind: 'together'; readonly actions: readonly Action[] };

/** Which check of a metric entry is meant: built in by its name, its inline query, or its template. */
export type MetricPart = 'builtin' | 'query' | 'template';

/** Whether a rollout of pods is done: what it waits for, or why it never will be. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'stuck'; readonly why: string };

export interface WorkloadFact {
  /** `spec.replicas`; 1 where the object leaves it out. */
  readonly replicas: number;
  readonly readiness: Readiness;
  /** Pods that are available, whatever revision they run; absent for kinds that count none. */
  readonly available?: number;
}

export interface TargetFact {
  /** What the target is now. */
  readonly revision: Revision;
  readonly target: WorkloadFact;
  /** Absent until it has been created. */
  readonly primary?: WorkloadFact & {
    /** Whether its template equals the target's once the rewrites of the copy are undone. */
    readonly equalsTarget: boolean;
    readonly flaggerId?: string;
  };
}

export interface EndpointsFact {
  /** Ready addresses behind the `-primary` Service. */
  readonly primary: number;
  /** Whether every ready address behind the apex Service is one of the primary's, and there is at least one. */
  readonly apexServesPrimary: boolean;
  /** The same for the target's pods. */
  readonly apexServesTarget: boolean;
}

/** `gone`: there is no target any more, or it is on its way out. */
export type RestoredTarget = Readiness | { readonly kind: 'gone' };

export interface RestoredApex {
  /** Whether anything was written. */
  readonly changed: boolean;
  /** Whether its clients are to reach the target's pods; false where it is gone, or a user had it select others. */
  readonly leadsToTarget: boolean;
}

export interface RestoredRoutes {
  /** Whether anything was written. */
  readonly changed: boolean;
}

export type MetricAnswer =
  /** Percent for a success rate, milliseconds for a duration, else whatever the query yields. Always finite. */
  | { readonly kind: 'value'; readonly value: number }
  /** The provider answered, and had nothing (or NaN). */
  | { readonly kind: 'noValues'; readonly detail: string }
  /**
   * The check could not be made: provider down, timeout, 5xx, credentials; at stage `route`, because what carries the
   * canary's traffic could not be read. Counted apart from failed checks.
   */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly stage?: 'route' }
  /** The question itself is wrong: a bad template, a query that the provider refuses. A failed check. */
  | { readonly kind: 'invalid'; readonly detail: string; readonly stage: MetricStage };

/** Where a metric went wrong; selects the event text. */
export type MetricStage = 'client' | 'template' | 'secret' | 'provider' | 'render' | 'query';

export type ProvidersAnswer =
  | { readonly kind: 'available' }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** What an effect says beside that it was done. */
export interface Remarks {
  /** Whole sentences for whoever runs the Canary; each is said as a Warning, once per run. */
  readonly warnings?: readonly string[];
}

/** What a router says of the write. */
export interface RouteAnswer extends Remarks {
  /** The canary had a share by the live route, whatever the status says of it, and has none any more. */
  readonly tookTraffic?: boolean;
}

/** `raised`: the primary had fewer pods until now, so the new ones are not there yet. */
export interface SizeAnswer {
  readonly raised: boolean;
}

export type PromoteAnswer = { readonly kind: 'copied' } | { readonly kind: 'revisionMoved'; readonly now: Revision };

/** What each action is answered with when it could be carried out. */
export interface Answers {
  readonly observeTarget: TargetFact;
  readonly observeMetricProviders: ProvidersAnswer;
  readonly observeEndpoints: EndpointsFact;
  readonly callHook: HookAnswer;
  readonly queryMetric: MetricAnswer;
  readonly ensureServices: Remarks | null;
  readonly ensureApex: Remarks | null;
  readonly ensurePrimary: null;
  readonly ensureScaler: null;
  readonly sizePrimary: SizeAnswer;
  readonly ensureRoutes: RouteAnswer | null;
  readonly scaleTarget: null;
  readonly promote: PromoteAnswer;
  readonly observeNamespace: { readonly deleting: boolean };
  readonly resumeScaler: null;
  readonly restoreTarget: RestoredTarget;
  readonly restoreApex: RestoredApex;
  readonly restoreRoutes: RestoredRoutes;
  readonly admitRun: PlaceAnswer;
  readonly setFinalizer: null;
  readonly record: null;
  readonly together: readonly Outcome[];
}

/** Why an action could not be carried out. `conflict`: somebody else wrote the object since it was read. */
export type FailureReason =
  | 'notFound'
  | 'conflict'
  | 'invalid'
  | 'forbidden'
  | 'unsupported'
  | 'routeConflict'
  | 'unavailable'
  | 'other';

export interface Failure {
  readonly reason: FailureReason;
  /** Worded for the user: what was tried, on which object, what came back. */
  readonly message: string;
}

export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** End of a step. An unchanged status is not written; announcements of a changed one are saved with it. */
export interface Done {
  readonly kind: 'done';
  readonly status: CanaryStatus;
  readonly announcements: readonly Announcement[];
  /** For the log, the metrics and the board; never shown to users of the Canary. */
  readonly outcome: StepOutcome;
}

export type StepOutcome =
  | 'initializing'
  | 'initialized'
  | 'settled'
  | 'suspended'
  | 'tooEarly'
  | 'started'
  | 'restarted'
  | 'waiting'
  /** A new revision waits for a place: as many runs go on as may. */
  | 'queued'
  | 'advanced'
  | 'failedCheck'
  /** A failed check, because a metric had no values. */
  | 'noData'
  /** Values are waited for: neither passed nor failed. */
  | 'held'
  | 'checkError'
  | 'promoting'
  | 'succeeded'
  | 'rolledBack'
  | 'invalid'
  /** Being deleted: the target is on its way back to its traffic. */
  | 'terminating'
  /** Our finalizer is gone: this was the last step. */
  | 'terminated'
  | 'stopped';
