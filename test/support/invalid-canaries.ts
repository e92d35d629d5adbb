/** Canaries that cannot run as they are: those that the step refuses, and those that the API server does not even store. */
import type { RefusalReason } from '../../canary/validate.ts';
import type { CanaryOptions } from './a-canary.ts';

export interface RefusedCanary {
  readonly name: string;
  readonly options: Pick<CanaryOptions, 'spec' | 'service' | 'analysis'>;
  readonly reason: RefusalReason;
  /** One per error: path, expected, got, way out, as far as the reference's own words for it do not stand instead. */
  readonly errors: readonly string[];
}

const supported = 'gatewayapi:v1, gatewayapi:v1beta1, knative, kubernetes, kuma, kuma:v2, kuma:v3';

/** All in this namespace, beside a canary `podinfo` that is older. */
export const refusedIn = (namespace: string): readonly RefusedCanary[] => [
  {
    name: 'nameless-metric',
    options: { analysis: { metrics: [{ name: '', thresholdRange: { min: 99 } }] } },
    reason: 'InvalidSpec',
    errors: [`spec.analysis.metrics[0].name: expected a non-empty text, got '' (canary ${namespace}/nameless-metric)`],
  },
  {
    name: 'falling-weights',
    options: { analysis: { stepWeights: [20, 10] } },
    reason: 'InvalidSpec',
    errors: [
      'spec.analysis.stepWeights: expected ascending integers from 1 to 100, got [20,10] ' +
        `(canary ${namespace}/falling-weights)`,
    ],
  },
  {
    name: 'more-than-all',
    options: { analysis: { maxWeight: 200, stepWeight: 50 } },
    reason: 'InvalidSpec',
    errors: [`spec.analysis.maxWeight: expected an integer from 1 to 100, got 200 (canary ${namespace}/more-than-all)`],
  },
  {
    name: 'no-step',
    options: { analysis: { stepWeight: 0 } },
    reason: 'InvalidSpec',
    errors: [
      'spec.analysis.stepWeight: expected an integer from 1 to 100, got 0: ' +
        'set stepWeight or stepWeights to shift traffic by weight, or iterations for Blue/Green',
    ],
  },
  {
    name: 'bad-hooks',
    options: {
      analysis: {
        webhooks: [
          { name: 'no-time', url: 'http://hooks.test/', timeout: '0s' },
          { name: 'no-http', url: 'ftp://user:hunter2@hooks.test/' },
        ],
      },
    },
    reason: 'InvalidSpec',
    errors: [
      `spec.analysis.webhooks[0].timeout: expected a duration longer than 0s, got '0s' (canary ${namespace}/bad-hooks)`,
      'spec.analysis.webhooks[1].url: expected an http or https URL, got another text (not shown) ' +
        `(canary ${namespace}/bad-hooks)`,
    ],
  },
  {
    name: 'other-mesh',
    options: { spec: { provider: 'appmesh' } },
    reason: 'ProviderUnsupported',
    errors: [`spec.provider: appmesh is not supported, expected one of ${supported}`],
  },
  {
    name: 'headless',
    options: { service: { headless: true } },
    reason: 'ProviderUnsupported',
    errors: ["provider kuma can't route to a headless Service: remove spec.service.headless"],
  },
  {
    name: 'cookies',
    options: { analysis: { sessionAffinity: { cookieName: 'biscuit' } } },
    reason: 'ProviderUnsupported',
    errors: [
      "provider kuma can't keep users by cookies (gatewayapi:v1, gatewayapi:v1beta1 can): remove spec.analysis.sessionAffinity",
    ],
  },
  {
    name: 'foreign-template',
    options: { analysis: { metrics: [{ name: 'latency', templateRef: { name: 'latency', namespace: 'elsewhere' } }] } },
    reason: 'InvalidSpec',
    errors: ["can't access metric template latency.elsewhere, cross-namespace references are blocked"],
  },
  {
    name: 'suffix-match',
    options: { analysis: { iterations: 2, match: [{ uri: { suffix: '.css' } }] } },
    reason: 'ProviderUnsupported',
    errors: ['spec.analysis.match[0].uri: expected one of exact, prefix, regex for provider kuma, got suffix'],
  },
  {
    name: 'rival',
    options: { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } } },
    reason: 'TargetConflict',
    errors: [
      `Deployment podinfo.${namespace} is already the target of the older canary podinfo.${namespace}: ` +
        'give each canary a target of its own',
    ],
  },
];

export interface UnstoredCanary {
  readonly what: string;
  readonly options: Pick<CanaryOptions, 'spec' | 'service' | 'analysis'>;
  /** Parts of what the API server answers. */
  readonly answer: readonly string[];
}

export const unstored: readonly UnstoredCanary[] = [
  {
    what: 'a provider that nobody knows',
    options: { spec: { provider: 'isto' } },
    answer: ['spec.provider: Unsupported value: "isto"', 'supported values: "apisix"', '"kuma"'],
  },
  {
    what: 'a target of another kind',
    options: { spec: { targetRef: { apiVersion: 'v1', kind: 'Pod', name: 'podinfo' } } },
    answer: ['spec.targetRef.kind: Unsupported value: "Pod"', '"Deployment"'],
  },
  {
    what: 'an interval that is none',
    options: { analysis: { interval: 'soon' } },
    answer: ["spec.analysis.interval in body should match '^[0-9]+(m|s)'"],
  },
  {
    what: 'two ways to progress at once',
    options: { analysis: { iterations: 5, stepWeight: 5 } },
    answer: ['"spec.analysis" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  },
  {
    what: 'a metric without a name',
    options: { analysis: { metrics: [{ interval: '1m' }] } },
    answer: ['spec.analysis.metrics[0].name: Required value'],
  },
  {
    what: 'a hook of a type that there is not',
    options: { analysis: { webhooks: [{ name: 'check', url: 'http://hooks.test/', type: 'sometimes' }] } },
    answer: ['spec.analysis.webhooks[0].type: Unsupported value: "sometimes"', '"pre-rollout"'],
  },
  {
    what: 'a route of the Gateway API without a gateway',
    options: { spec: { provider: 'gatewayapi:v1' } },
    answer: ['spec.service.gatewayRefs: Required value', 'GatewayRefs must be specified'],
  },
];
