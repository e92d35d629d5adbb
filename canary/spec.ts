/**
 * `spec` of a Canary as the rules see it: parsed, defaults filled in, immutable.
 *
 * Fields and defaults follow the `flagger.app/v1beta1` schema.
 */

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

/** What gets a copy of every request, apart from the analysis. */
export interface MirrorBackend {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
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
  /** As it is written: read by `parse-cors.ts`. */
  readonly corsPolicy?: Readonly<Record<string, unknown>>;
  readonly mirror: readonly MirrorBackend[];
  readonly apex: ServiceMetadata;
  readonly primary: ServiceMetadata;
  readonly canary: ServiceMetadata;
  readonly unmanagedMetadata: { readonly labels: readonly string[]; readonly annotations: readonly string[] };
}

/**
 * What it means that a provider has no values: a failed check; a wait, for as long as the progress deadline; nothing,
 * as long as another metric of the round was evaluated; or a passed check.
 */
export const noDataPolicies = ['fail', 'hold', 'skip', 'pass'] as const;
export type NoDataPolicy = (typeof noDataPolicies)[number];

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
  /** Absent, it is `fail`. */
  readonly onNoData?: NoDataPolicy;
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
  /** Checks in a row that could not be made that cause a rollback, at least 1; default `threshold`. */
  readonly checkErrorLimit: number;
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
  /** Of Gloo; no router of ours reads it. */
  readonly upstream?: NamespacedRef;
  readonly service: CanaryService;
  readonly analysis: Analysis;
  /** Milliseconds, default 600000. */
  readonly progressDeadlineMs: number;
  /** Milliseconds for which the canary's pods outlive its last traffic: annotation `aviary.dev/drain-delay`. */
  readonly drainDelayMs: number;
  readonly skipAnalysis: boolean;
  readonly revertOnDeletion: boolean;
  readonly suspend: boolean;
}

/** What of an analysis selects its strategy. */
export interface StrategyFields extends Pick<Analysis, 'iterations'> {
  readonly match: readonly unknown[];
}

/** Which strategy the analysis selects: iterations mean A/B with a match and Blue/Green without, else weights. */
export function strategyOf(analysis: StrategyFields): Strategy {
  if (analysis.iterations === 0) return 'canary';
  return analysis.match.length > 0 ? 'ab-testing' : 'blue-green';
}
