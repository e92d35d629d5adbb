/** Specs that the API server takes as the reference's definition does, and specs that are refused by it or at every step. */
import type { CanaryOptions } from './a-canary.ts';

/** By what is said of them. */
export const accepted: Readonly<Record<string, CanaryOptions>> = {
  'shaped-for-istio': {
    spec: {
      provider: 'istio',
      upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'a', namespace: 'b' },
    },
    service: {
      targetPort: 'http',
      gateways: ['mesh'],
      match: [
        { uri: { prefix: '/' }, scheme: { exact: 'https' }, headers: { a: {} }, sourceLabels: { b: 'c' }, port: 80 },
      ],
      retries: { attempts: 3, perTryTimeout: '1s', retryOn: '5xx' },
      corsPolicy: { allowOrigins: [{ exact: 'https://a.test' }], maxAge: '1d' },
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' }, loadBalancer: { simple: 'LEAST_REQUEST' } },
    },
  },
  'nothing-sensible': {
    analysis: { interval: '1min', threshold: -1, maxWeight: 0, stepWeights: [] },
    spec: { progressDeadlineSeconds: -5 },
  },
  'an-alias': { spec: { provider: 'none' }, analysis: { iterations: 3 } },
};

const hook = (fields: object): CanaryOptions => ({
  analysis: { webhooks: [{ name: 'a', url: 'http://a.test', ...fields }] },
});

/** What is wrong, and what is said of it: by the API server, or else at every step. */
export const invalid: readonly (readonly [string, CanaryOptions, RegExp])[] = [
  ['no target', { spec: { targetRef: undefined } }, /spec\.targetRef: Required value/],
  [
    'a StatefulSet as target',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'a' } } },
    /spec\.targetRef\.kind: Unsupported value: "StatefulSet": supported values: "DaemonSet", "Deployment", "Service"/,
  ],
  ['an unknown provider', { spec: { provider: 'supergloo' } }, /spec\.provider: Unsupported value: "supergloo"/],
  ['no port', { service: { port: undefined } }, /spec\.service\.port: Required value/],
  [
    'two ways to progress',
    { analysis: { iterations: 5, stepWeight: 5 } },
    /"spec\.analysis" must validate one and only one schema/,
  ],
  ['an interval in hours', { analysis: { interval: '1h' } }, /spec\.analysis\.interval: Invalid value: "1h"/],
  ['a word for a weight', { analysis: { maxWeight: 'abc' } }, /spec\.analysis\.maxWeight: Invalid value: "string"/],
  [
    'a weight above 100',
    { analysis: { maxWeight: 150 } },
    /^spec\.analysis\.maxWeight: expected an integer from 1 to 100, got 150 \(canary test\/invalid-\d+\)$/,
  ],
  [
    'weights that fall',
    { analysis: { stepWeights: [10, 5] } },
    /^spec\.analysis\.stepWeights: expected ascending integers from 1 to 100, got \[10,5\] \(canary/,
  ],
  [
    'a step of nothing',
    { analysis: { stepWeight: 0 } },
    /^spec\.analysis\.stepWeight: expected an integer from 1 to 100, got 0: set/,
  ],
  [
    'a hook without an address',
    hook({ url: 'loadtester' }),
    /^spec\.analysis\.webhooks\[0\]\.url: expected an http or https URL, got .* \(canary/,
  ],
  [
    'a hook that waits for minutes by name',
    hook({ timeout: '2minutes' }),
    /^spec\.analysis\.webhooks\[0\]\.timeout: expected a duration like 30s, got '2minutes' \(canary/,
  ],
  [
    'a template of another namespace',
    { analysis: { metrics: [{ name: 'a', threshold: 1, templateRef: { name: 'errors', namespace: 'shared' } }] } },
    /^can't access metric template errors\.shared, cross-namespace references are blocked$/,
  ],
];
