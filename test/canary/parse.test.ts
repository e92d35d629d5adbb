import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { aCanary, aCanaryObject, type CanaryOptions } from '../support/a-canary.ts';

const warningsOf = (options: CanaryOptions): readonly string[] => {
  const parsed = parseCanary(aCanaryObject(options), { defaultProvider: 'kuma' });
  return parsed.ok ? parsed.warnings : parsed.problems.map((problem) => problem.message);
};

test('a small Canary gets every default', (t) => {
  const { spec } = aCanary({
    spec: { progressDeadlineSeconds: undefined, provider: undefined, service: { port: 80 } },
    analysis: { interval: undefined, threshold: 0, maxWeight: 0 },
    defaultProvider: 'gatewayapi:v1',
  });
  t.is(spec.provider, 'gatewayapi:v1');
  t.is(spec.progressDeadlineMs, 600_000);
  t.false(spec.skipAnalysis || spec.suspend || spec.revertOnDeletion);
  t.like(spec.service, { name: 'podinfo', port: 80, targetPort: 80, portName: 'http', headless: false });
  t.like(spec.analysis, {
    intervalMs: 60_000,
    threshold: 1,
    maxWeight: 100,
    iterations: 0,
    stepWeightPromotion: 0,
    primaryReadyThreshold: 100,
    canaryReadyThreshold: 100,
  });
  t.deepEqual(spec.analysis.stepWeights, []);
});

test('an absent analysis means that the analysis is skipped', (t) => {
  t.true(aCanary({ spec: { analysis: undefined } }).spec.skipAnalysis);
});

for (const [name, provider] of [
  ['none', 'kubernetes'],
  ['gatewayapi', 'gatewayapi:v1'],
  ['kuma:v3', 'kuma:v3'],
  ['', 'kuma'],
] as const) {
  test(`provider '${name}' is ${provider}`, (t) => {
    t.is(aCanary({ spec: { provider: name } }).spec.provider, provider);
  });
}

for (const [interval, milliseconds] of [
  ['1s', 1000],
  ['500ms', 1000],
  ['10s', 10_000],
  ['1m30s', 90_000],
  ['', 60_000],
  ['1min', 60_000],
] as const) {
  test(`interval '${interval}' is ${milliseconds} ms`, (t) => {
    t.is(aCanary({ analysis: { interval } }).spec.analysis.intervalMs, milliseconds);
  });
}

test('an interval that is no duration is named in a warning, and an empty one is not', (t) => {
  t.deepEqual(warningsOf({ analysis: { interval: '1min' } }), [
    "spec.analysis.interval: expected a duration like 1m30s, got '1min': using 60s",
  ]);
  t.deepEqual(warningsOf({ analysis: { interval: '' } }), []);
});

test('the last of stepWeights is the maximum, and what lies above 100 is 100', (t) => {
  const { analysis } = aCanary({ analysis: { stepWeights: [1, 10, 150], maxWeight: 50 } }).spec;
  t.deepEqual(analysis.stepWeights, [1, 10, 100]);
  t.is(analysis.maxWeight, 100);
});

test('the kubernetes provider runs ten iterations without a match, and says so', (t) => {
  const options = {
    spec: { provider: 'kubernetes' },
    analysis: { stepWeight: 10, match: [{ headers: { a: { exact: 'b' } } }] },
  };
  const { analysis } = aCanary(options).spec;
  t.is(analysis.iterations, 10);
  t.deepEqual(analysis.match, []);
  t.deepEqual(warningsOf(options), [
    'A/B testing is not supported when using the kubernetes provider',
    'Progressive traffic is not supported when using the kubernetes provider',
    'Setting canaryAnalysis.iterations: 10',
  ]);
});

test('a step of more than 100 is taken, and named in a warning', (t) => {
  const analysis = { stepWeight: 150, stepWeightPromotion: 200 };
  t.deepEqual(warningsOf({ analysis }), [
    'spec.analysis.stepWeight: expected an integer from 0 to 100, got 150: all traffic moves in one step',
    'spec.analysis.stepWeightPromotion: expected an integer from 0 to 100, got 200: all traffic moves in one step',
  ]);
  t.like(aCanary({ analysis }).spec.analysis, analysis);
});

test('the kubernetes provider keeps iterations that are set, silently', (t) => {
  const options = { spec: { provider: 'none' }, analysis: { iterations: 3 } };
  t.is(aCanary(options).spec.analysis.iterations, 3);
  t.deepEqual(warningsOf(options), []);
});

test('a Blue/Green run goes on without a mirror where the provider has none, and says so', (t) => {
  const options = { spec: { provider: 'knative' }, analysis: { iterations: 3, mirror: true } };
  t.false(aCanary(options).spec.analysis.mirror);
  t.deepEqual(warningsOf(options), ['Traffic mirroring is not supported when using the knative provider']);
  t.true(aCanary({ ...options, spec: { provider: 'gatewayapi:v1' } }).spec.analysis.mirror);
});

test('a metric without bounds is named in a warning', (t) => {
  const warnings = warningsOf({
    analysis: { metrics: [{ name: 'a' }, { name: 'b', threshold: 0 }, { name: 'c', thresholdRange: { max: 1 } }] },
  });
  t.deepEqual(warnings, ['Metric a has neither thresholdRange nor threshold: every value above 0 fails']);
});

test('fields of the service that the provider has no use for are named in warnings', (t) => {
  const service = { timeout: '15s', retries: { attempts: 3 }, hosts: [], gatewayRefs: [{ name: 'public' }] };
  t.deepEqual(warningsOf({ service }), [
    'spec.service.retries is not supported when using the kuma provider',
    'spec.service.gatewayRefs is not supported when using the kuma provider',
    'spec.service.timeout is not supported when using the kuma provider',
  ]);
});

test('what only v1 of the Gateway API has is named in warnings of v1beta1', (t) => {
  const service = { timeout: '15s', corsPolicy: { allowOrigin: ['*'] }, gatewayRefs: [{ name: 'public' }] };
  t.deepEqual(warningsOf({ spec: { provider: 'gatewayapi:v1' }, service }), []);
  t.deepEqual(warningsOf({ spec: { provider: 'gatewayapi:v1beta1' }, service }), [
    'spec.service.corsPolicy is not supported when using the gatewayapi:v1beta1 provider',
    'spec.service.timeout is not supported when using the gatewayapi:v1beta1 provider',
  ]);
});

test('metrics, webhooks and alerts get their defaults', (t) => {
  const { analysis } = aCanary({
    analysis: {
      metrics: [{ name: 'errors', threshold: 1, templateRef: { name: 'template' } }],
      webhooks: [
        { name: 'load', url: 'http://load.test/' },
        { name: 'gate', type: 'confirm-rollout', url: 'https://gate.test/', timeout: '1m30s', retries: 2 },
        { name: 'no type, no time', type: '', url: 'http://load.test/', timeout: '' },
        { name: 'too short for a duration', url: 'http://load.test/', timeout: '5' },
      ],
      alerts: [{ name: 'slack', severity: '', providerRef: { name: 'slack', namespace: 'alerts' } }],
    },
  }).spec;
  t.deepEqual(analysis.metrics, [
    {
      name: 'errors',
      interval: '1m',
      threshold: 1,
      templateRef: { name: 'template', namespace: 'test' },
      templateVariables: {},
    },
  ]);
  t.like(analysis.webhooks[0], { type: 'rollout', timeoutMs: 10_000, retries: 0, muteAlert: false, disableTLS: false });
  for (const hook of analysis.webhooks.slice(2)) t.like(hook, { type: 'rollout', timeoutMs: 10_000 });
  t.like(analysis.webhooks[1], { type: 'confirm-rollout', timeoutMs: 90_000, retries: 2 });
  t.deepEqual(analysis.alerts, [
    { name: 'slack', severity: 'info', providerRef: { name: 'slack', namespace: 'alerts' } },
  ]);
});

test('the service is read with headers, gateways, matches and metadata', (t) => {
  const { service } = aCanary({
    service: {
      name: 'shop',
      targetPort: 'http',
      gatewayRefs: [
        { name: 'public', namespace: 'infra' },
        { group: 'core', kind: 'Service', name: 'shop' },
      ],
      headers: { request: { add: { 'x-a': 'b' } } },
      match: [{ name: 'label', uri: { prefix: '/' }, sourceLabels: { app: 'x' }, gateways: [] }],
      mirror: [
        { backendRef: { name: 'copy', port: 80 } },
        { backendRef: { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', namespace: 'infra' } },
      ],
      apex: { annotations: { '9898.service.kuma.io/protocol': 'http' } },
    },
  }).spec;
  t.is(service.name, 'shop');
  t.is(service.targetPort, 'http');
  t.deepEqual(service.gatewayRefs, [
    { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' },
    { group: '', kind: 'Service', name: 'shop' },
  ]);
  t.deepEqual(service.requestHeaders, { set: {}, add: { 'x-a': 'b' }, remove: [] });
  t.false('responseHeaders' in service);
  t.deepEqual(service.match, [{ uri: { prefix: '/' }, unsupported: ['sourceLabels'] }]);
  t.deepEqual(service.mirror, [
    { group: '', kind: 'Service', name: 'copy', port: 80 },
    { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', namespace: 'infra' },
  ]);
  t.deepEqual(service.apex, { labels: {}, annotations: { '9898.service.kuma.io/protocol': 'http' } });
});

test('a port in Kuma speaks HTTP unless it says otherwise', (t) => {
  t.is(aCanary().spec.service.appProtocol, 'http');
  t.is(aCanary({ service: { appProtocol: 'grpc' } }).spec.service.appProtocol, 'grpc');
  t.false('appProtocol' in aCanary({ spec: { provider: 'gatewayapi:v1' } }).spec.service);
});

test('cookie attributes keep the order of the header', (t) => {
  const { analysis } = aCanary({
    analysis: { sessionAffinity: { cookieName: 'c', secure: true, sameSite: 'Lax', domain: 'x.test', maxAge: 0 } },
  }).spec;
  t.is(analysis.sessionAffinity?.maxAge, 86_400);
  t.deepEqual(Object.keys(analysis.sessionAffinity?.attributes ?? {}), ['Domain', 'SameSite', 'Secure']);
});

test('null counts as left out', (t) => {
  t.is(aCanary({ analysis: { maxWeight: null, metrics: null } }).spec.analysis.maxWeight, 100);
});

test('a Canary that is being deleted says so', (t) => {
  const canary = aCanary({
    metadata: { deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['finalizer.flagger.app'] },
  });
  t.true(canary.deleting);
  t.deepEqual(canary.finalizers, ['finalizer.flagger.app']);
});
