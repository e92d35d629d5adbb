import test from 'ava';
import { targetConflict } from '../../canary/target-conflict.ts';
import { validateCanary } from '../../canary/validate.ts';
import { aCanary, type CanaryOptions } from '../support/a-canary.ts';

const refusalsOf = (options: CanaryOptions, allowedNamespaces: readonly string[] = []): readonly string[] =>
  validateCanary(aCanary(options), { allowedNamespaces }).map(({ reason, message }) => `${reason}: ${message}`);

const knativeTarget = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' };
const gateways = { gatewayRefs: [{ name: 'public' }] };
const gatewayApi = { provider: 'gatewayapi:v1' };

for (const options of [
  {},
  { analysis: { mirror: true, mirrorWeight: 25 } },
  { spec: { provider: 'kuma:v2' } },
  { service: { appProtocol: 'grpc' } },
  { spec: gatewayApi, service: gateways },
  { spec: gatewayApi, service: { ...gateways, appProtocol: 'kubernetes.io/h2c' } },
  { spec: { provider: 'gatewayapi:v1beta1' }, service: gateways },
  { spec: gatewayApi, service: { ...gateways, corsPolicy: { allowOrigin: ['*'], maxAge: '1h30m' } } },
  { spec: { provider: 'gatewayapi:v1beta1' }, service: { ...gateways, corsPolicy: { maxAge: '1d' } } },
  { spec: { provider: 'knative', targetRef: knativeTarget } },
  { spec: { targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } } },
  { spec: { provider: 'kubernetes' }, service: { appProtocol: 'TCP', headless: true } },
  { analysis: { stepWeight: 0 }, spec: { skipAnalysis: true } },
]) {
  test(`${JSON.stringify(options)} is a spec that may run`, (t) => {
    t.deepEqual(refusalsOf(options), []);
  });
}

const unsupported = (provider: string, why: string): string => `ProviderUnsupported: provider ${provider} ${why}`;
const noAffinity =
  "can't keep users by cookies (gatewayapi:v1, gatewayapi:v1beta1 can): remove spec.analysis.sessionAffinity";
const noMirror = "can't mirror traffic while it is shifted by weight: use iterations, or remove spec.analysis.mirror";
const noTcp = 'routes HTTP only, spec.service.appProtocol is TCP: expected any but tcp';
const istioUnsupported =
  'ProviderUnsupported: spec.provider: istio is not supported, expected one of gatewayapi:v1, gatewayapi:v1beta1, knative, kubernetes, kuma, kuma:v2, kuma:v3';

const refused: readonly (readonly [string, CanaryOptions, readonly string[]])[] = [
  [
    'a Knative target with another provider',
    { spec: { targetRef: knativeTarget } },
    ["InvalidSpec: can't use kuma provider with Knative Service as target"],
  ],
  [
    'provider knative with another target',
    { spec: { provider: 'knative' } },
    ["InvalidSpec: can't use apps/v1/Deployment as target if provider is set to knative"],
  ],
  [
    'a Knative target with an autoscaler',
    {
      spec: {
        provider: 'knative',
        targetRef: knativeTarget,
        autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'a' },
      },
    },
    ["InvalidSpec: can't use autoscaler with Knative Service"],
  ],
  [
    'on Knative a match, a mirror and affinity',
    {
      spec: { provider: 'knative', targetRef: knativeTarget },
      analysis: {
        match: [{ headers: { cohort: { exact: 'beta' } } }],
        mirror: true,
        sessionAffinity: { cookieName: 'a' },
      },
    },
    [
      "ProviderUnsupported: provider knative can't match requests: remove spec.analysis.match",
      unsupported('knative', noAffinity),
      unsupported('knative', noMirror),
    ],
  ],
  [
    'equal cookie names',
    { analysis: { sessionAffinity: { cookieName: 'a', primaryCookieName: 'a' } } },
    [
      "InvalidSpec: can't use the same cookie name for both primary and cookie name; please update them to be different",
      unsupported('kuma', noAffinity),
    ],
  ],
  [
    'a gateway provider without gateways',
    { spec: gatewayApi },
    ['InvalidSpec: GatewayRefs must be specified when using Gateway API as a provider.'],
  ],
  [
    'a step of 0',
    { analysis: { stepWeight: 0 } },
    [
      'InvalidSpec: spec.analysis.stepWeight: expected an integer from 1 to 100, got 0: set stepWeight or stepWeights to shift traffic by weight, or iterations for Blue/Green',
    ],
  ],
  ['a provider without a router', { spec: { provider: 'istio' } }, [istioUnsupported]],
  [
    'a mirror with weights',
    { spec: gatewayApi, service: gateways, analysis: { mirror: true } },
    [unsupported('gatewayapi:v1', noMirror)],
  ],
  [
    'a share of mirrored requests',
    { spec: gatewayApi, service: gateways, analysis: { iterations: 5, mirror: true, mirrorWeight: 10 } },
    ['ProviderUnsupported: provider gatewayapi:v1 mirrors all requests or none: remove spec.analysis.mirrorWeight'],
  ],
  [
    'a CORS policy that an HTTPRoute cannot have',
    {
      spec: gatewayApi,
      service: {
        ...gateways,
        corsPolicy: {
          allowOrigins: [{ exact: 'https://shop.test' }, { regex: '.*' }],
          allowOrigin: ['shop.test'],
          allowMethods: ['get'],
          maxAge: '1d',
        },
      },
    },
    [
      'allowOrigins[1]: expected exact alone, with an origin like https://shop.example.com (an HTTPRoute knows no prefix and no regex), got {"regex":".*"}',
      "allowOrigin[0]: expected an origin like https://shop.example.com, or *, got 'shop.test'",
      "allowMethods[0]: expected one of GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH, *, got 'get'",
      "maxAge: expected a duration of at least 1s in h, m and s, like 24h, got '1d'",
    ].map((problem) => `InvalidSpec: spec.service.corsPolicy.${problem} (canary test/podinfo)`),
  ],
  [
    'a field of Istio’s CORS policy that an HTTPRoute does not have',
    { spec: gatewayApi, service: { ...gateways, corsPolicy: { unmatchedPreflights: 'IGNORE' } } },
    [
      'InvalidSpec: spec.service.corsPolicy: expected only allowOrigins, allowOrigin, allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials, got {"unmatchedPreflights":"IGNORE"} (canary test/podinfo)',
    ],
  ],
  [
    'a method that no request has',
    { analysis: { iterations: 3, match: [{ method: { exact: 'get' } }] } },
    [
      "ProviderUnsupported: spec.analysis.match[0].method.exact: expected one of CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE, got 'get'",
    ],
  ],
  [
    'TCP in an HTTP mesh',
    { service: { appProtocol: 'tcp' } },
    [unsupported('kuma', 'routes HTTP only, spec.service.appProtocol is tcp: expected one of http, http2, grpc')],
  ],
  [
    'a protocol that Kuma takes for TCP',
    { spec: { provider: 'kuma:v2' }, service: { appProtocol: 'kafka' } },
    [unsupported('kuma:v2', 'routes HTTP only, spec.service.appProtocol is kafka: expected one of http, http2, grpc')],
  ],
  [
    'TCP behind a gateway',
    { spec: gatewayApi, service: { ...gateways, appProtocol: 'TCP' } },
    [unsupported('gatewayapi:v1', noTcp)],
  ],
  [
    'a headless Service in Kuma',
    { service: { headless: true } },
    ["ProviderUnsupported: provider kuma can't route to a headless Service: remove spec.service.headless"],
  ],
  [
    'matchers that the provider cannot express',
    {
      service: { match: [{ uri: { suffix: '.css' }, sourceLabels: { a: 'b' } }] },
      analysis: {
        iterations: 3,
        match: [{ headers: { 'x-a': { suffix: 'b' } }, queryParams: { q: { suffix: 'b' } } }],
      },
    },
    [
      "ProviderUnsupported: spec.service.match[0].sourceLabels: provider kuma can't match it, expected only uri, method, headers, queryParams, withoutHeaders",
      'ProviderUnsupported: spec.service.match[0].uri: expected one of exact, prefix, regex for provider kuma, got suffix',
      "ProviderUnsupported: spec.analysis.match[0].queryParams['q']: expected one of exact, prefix, regex for provider kuma, got suffix",
    ],
  ],
  [
    'the presence of a header at a gateway',
    { spec: gatewayApi, service: gateways, analysis: { iterations: 3, match: [{ headers: { 'x-a': {} } }] } },
    [
      "ProviderUnsupported: spec.analysis.match[0].headers['x-a']: expected one of exact, prefix, suffix, regex for provider gatewayapi:v1, got present",
    ],
  ],
];

for (const [title, options, messages] of refused) {
  test(`${title} is refused`, (t) => {
    t.deepEqual(refusalsOf(options), messages);
  });
}

test('references to other namespaces are refused unless the operator allowed them', (t) => {
  const options = {
    spec: {
      upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'config', namespace: 'gloo-system' },
    },
    analysis: {
      metrics: [{ name: 'a', threshold: 1, templateRef: { name: 'errors', namespace: 'shared' } }],
      alerts: [
        { name: 'own', providerRef: { name: 'slack' } },
        { name: 'shared', providerRef: { name: 'slack', namespace: 'alerts' } },
      ],
    },
  };
  t.deepEqual(refusalsOf(options), [
    "InvalidSpec: can't access gloo upstream config.gloo-system, cross-namespace references are blocked",
    "InvalidSpec: can't access metric template errors.shared, cross-namespace references are blocked",
    "InvalidSpec: can't access alert provider slack.alerts, cross-namespace references are blocked",
  ]);
  t.deepEqual(refusalsOf(options, ['shared', 'gloo-system']), [
    "InvalidSpec: can't access alert provider slack.alerts, cross-namespace references are blocked",
  ]);
  t.deepEqual(refusalsOf(options, ['*']), []);
});

test('an upstream without a namespace is one of the namespace of the Canary', (t) => {
  const upstreamRef = { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'config' };
  t.deepEqual(refusalsOf({ spec: { upstreamRef } }), []);
});

const sameTarget = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shared' } };
const claim = (name: string, creationTimestamp: string, namespace = 'test') =>
  aCanary({ name, namespace, metadata: { creationTimestamp }, spec: sameTarget });

test('of two Canaries with one target the newer is refused', (t) => {
  const older = claim('b', '2026-01-01T00:00:00Z');
  const newer = claim('a', '2026-01-01T00:00:01Z');
  t.is(targetConflict(older, [older, newer]), undefined);
  t.deepEqual(targetConflict(newer, [older, newer]), {
    reason: 'TargetConflict',
    message:
      'Deployment shared.test is already the target of the older canary b.test: give each canary a target of its own',
  });
});

test('of two Canaries of one second the name decides', (t) => {
  const [a, b] = [claim('a', '2026-01-01T00:00:00Z'), claim('b', '2026-01-01T00:00:00Z')];
  t.is(targetConflict(a, [a, b]), undefined);
  t.truthy(targetConflict(b, [a, b]));
});

test('targets of one name in two namespaces, or of two kinds, are no conflict', (t) => {
  const canary = claim('a', '2026-01-01T00:00:01Z');
  const daemonSet = aCanary({ name: 'b', spec: { targetRef: { ...sameTarget.targetRef, kind: 'DaemonSet' } } });
  t.is(targetConflict(canary, [claim('b', '2026-01-01T00:00:00Z', 'other'), daemonSet]), undefined);
});
