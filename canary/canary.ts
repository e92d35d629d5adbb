/**
 * The Canary as the rules see it: parsed, defaults filled in, immutable.
 *
 * `parse.ts` builds it from what the API server returns; nothing else does.
 * Fields and defaults follow the `flagger.app/v1beta1` schema.
 */

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

/** Every value that `spec.provider` may hold after aliases are resolved. Which of them have a router: `capabilities.ts`. */
export const providers = [
  'apisix',
  'appmesh',
  'appmesh:v1beta2',
  'contour',
  'gatewayapi:v1',
  'gatewayapi:v1beta1',
  'gloo',
  'istio',
  'knative',
  'kubernetes',
  'kuma',
  'kuma:v2',
  'kuma:v3',
  'linkerd',
  'nginx',
  'osm',
  'skipper',
  'smi:v1alpha1',
  'smi:v1alpha2',
  'smi:v1alpha3',
  'traefik',
] as const;
export type Provider = (typeof providers)[number];

/** How traffic moves: by weight, by request match, or all at once after a number of checks. */
export type Strategy = 'canary' | 'ab-testing' | 'blue-green';

/** Shares of the traffic in percent; `primary + canary` is always 100. */
export interface Weights {
  readonly primary: number;
  readonly canary: number;
  /** True while requests to the primary are also copied to the canary. */
  readonly mirrored: boolean;
}

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** A reference that may name another namespace; `namespace` is already defaulted to the Canary's own. */
export interface NamespacedRef {
  readonly name: string;
  readonly namespace: string;
}

export interface ServiceMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A parentRef of an HTTPRoute. */
export interface GatewayRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
  readonly port?: number;
}

/** Exactly one of the four matchers, or none, which means "present". */
export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly regex?: string;
}

/** One item of `service.match` or `analysis.match`; fields that a provider cannot express are refused by validation. */
export interface RequestMatch {
  readonly uri?: StringMatch;
  readonly method?: StringMatch;
  readonly headers?: Readonly<Record<string, StringMatch>>;
  readonly queryParams?: Readonly<Record<string, StringMatch>>;
  readonly withoutHeaders?: Readonly<Record<string, StringMatch>>;
  /** Names of fields that were set although no router of ours can express them (`sourceLabels`, `scheme`, …). */
  readonly unsupported: readonly string[];
}

export interface HeaderOperations {
  readonly set: Readonly<Record<string, string>>;
  readonly add: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export interface CanaryService {
  /** Apex name: `spec.service.name`, else the target's name. `-primary` and `-canary` derive from it. */
  readonly name: string;
  readonly port: number;
  readonly portName: string;
  readonly targetPort: number | string;
  readonly appProtocol?: string;
  readonly portDiscovery: boolean;
  readonly headless: boolean;
  readonly trafficDistribution?: string;
  /** Go durations as written, e.g. `15s`. */
  readonly timeout?: string;
  readonly backendTimeout?: string;
  readonly hosts: readonly string[];
  readonly gatewayRefs: readonly GatewayRef[];
  readonly match: readonly RequestMatch[];
  readonly requestHeaders?: HeaderOperations;
  readonly responseHeaders?: HeaderOperations;
  readonly rewrite?: { readonly uri?: string; readonly authority?: string; readonly type?: string };
  readonly mirror: readonly { readonly name: string; readonly namespace?: string; readonly port?: number }[];
  readonly apex: ServiceMetadata;
  readonly primary: ServiceMetadata;
  readonly canary: ServiceMetadata;
  readonly unmanagedMetadata: { readonly labels: readonly string[]; readonly annotations: readonly string[] };
}

export interface Metric {
  readonly name: string;
  /** Window of the query as a Go duration, default `1m`. */
  readonly interval: string;
  /** Deprecated single bound; its direction depends on the metric (see verdict.ts). */
  readonly threshold?: number;
  readonly thresholdRange?: { readonly min?: number; readonly max?: number };
  readonly query?: string;
  readonly templateRef?: NamespacedRef;
  readonly templateVariables: Readonly<Record<string, string>>;
}

export const hookTypes = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
  'event',
] as const;
export type HookType = (typeof hookTypes)[number];

export interface Webhook {
  readonly name: string;
  readonly type: HookType;
  readonly url: string;
  /** Per attempt, in milliseconds; default 10000. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly muteAlert: boolean;
  /** Skip verification of the receiver's certificate. */
  readonly disableTLS: boolean;
}

export type Severity = 'info' | 'warn' | 'error';

export interface AlertRef {
  readonly name: string;
  readonly severity: Severity;
  readonly providerRef: NamespacedRef;
}

export interface SessionAffinity {
  readonly cookieName: string;
  readonly primaryCookieName?: string;
  /** Seconds. */
  readonly maxAge: number;
  readonly attributes: Readonly<Record<string, string | boolean>>;
}

export interface Analysis {
  /** Milliseconds between two steps, at least 1000. */
  readonly intervalMs: number;
  /** Failed checks that cause a rollback, at least 1. */
  readonly threshold: number;
  readonly iterations: number;
  /** 1 to 100; with `stepWeights` the last of them. */
  readonly maxWeight: number;
  readonly stepWeight: number;
  readonly stepWeights: readonly number[];
  /** 0 means that promotion moves all traffic at once. */
  readonly stepWeightPromotion: number;
  readonly match: readonly RequestMatch[];
  readonly mirror: boolean;
  readonly mirrorWeight?: number;
  /** Percent of updated replicas that must be available. */
  readonly primaryReadyThreshold: number;
  readonly canaryReadyThreshold: number;
  readonly metrics: readonly Metric[];
  readonly alerts: readonly AlertRef[];
  readonly webhooks: readonly Webhook[];
  readonly sessionAffinity?: SessionAffinity;
}

export interface Scaler extends ObjectRef {
  readonly primaryScalerQueries: Readonly<Record<string, string>>;
  readonly primaryMinReplicas?: number;
  readonly primaryMaxReplicas?: number;
}

export interface CanarySpec {
  readonly provider: Provider;
  readonly metricsServer?: string;
  readonly target: ObjectRef;
  readonly scaler?: Scaler;
  readonly ingressName?: string;
  readonly routeName?: string;
  readonly service: CanaryService;
  readonly analysis: Analysis;
  /** Milliseconds, default 600000. */
  readonly progressDeadlineMs: number;
  readonly skipAnalysis: boolean;
  readonly revertOnDeletion: boolean;
  readonly suspend: boolean;
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

/** Which strategy the analysis selects: iterations mean A/B with a match and Blue/Green without, else weights. */
export function strategyOf(analysis: Analysis): Strategy {
  if (analysis.iterations === 0) return 'canary';
  return analysis.match.length > 0 ? 'ab-testing' : 'blue-green';
}
