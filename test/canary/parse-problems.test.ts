import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { aCanaryObject, type CanaryOptions } from '../support/a-canary.ts';

const messagesOf = (object: unknown): readonly string[] => {
  const parsed = parseCanary(object, { defaultProvider: 'kuma' });
  return parsed.ok ? [] : parsed.problems.map((problem) => problem.message);
};

const broken: readonly (readonly [string, CanaryOptions, string])[] = [
  [
    'maxWeight',
    { analysis: { maxWeight: 'abc' } },
    "spec.analysis.maxWeight: expected an integer from 1 to 100, got 'abc'",
  ],
  [
    'maxWeight above',
    { analysis: { maxWeight: 101 } },
    'spec.analysis.maxWeight: expected an integer from 1 to 100, got 101',
  ],
  [
    'stepWeight',
    { analysis: { stepWeight: 1.5 } },
    'spec.analysis.stepWeight: expected an integer of at least 0, got 1.5',
  ],
  [
    'stepWeights',
    { analysis: { stepWeights: [10, 5] } },
    'spec.analysis.stepWeights: expected ascending integers from 1 to 100, got [10,5]',
  ],
  [
    'a step of 0',
    { analysis: { stepWeights: [0, 5] } },
    'spec.analysis.stepWeights: expected ascending integers from 1 to 100, got [0,5]',
  ],
  [
    'targetRef',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'a' } } },
    "spec.targetRef.kind: expected one of DaemonSet, Deployment, Service, got 'StatefulSet'",
  ],
  [
    'no targetRef',
    { spec: { targetRef: undefined } },
    'spec.targetRef: expected an object with apiVersion, kind and name, got nothing',
  ],
  [
    'no service',
    { spec: { service: undefined } },
    'spec.service.port: expected an integer from 1 to 65535, got nothing',
  ],
  ['port', { service: { port: 70_000 } }, 'spec.service.port: expected an integer from 1 to 65535, got 70000'],
  [
    'targetPort',
    { service: { targetPort: true } },
    'spec.service.targetPort: expected a port number or the name of a port, got true',
  ],
  [
    'metric name',
    { analysis: { metrics: [{ name: 'a' }, { interval: '1m' }] } },
    'spec.analysis.metrics[1].name: expected a non-empty text, got nothing',
  ],
  [
    'metric bound',
    { analysis: { metrics: [{ name: 'a', thresholdRange: { max: '500' } }] } },
    "spec.analysis.metrics[0].thresholdRange.max: expected a number, got '500'",
  ],
  [
    'hook timeout',
    { analysis: { webhooks: [{ name: 'a', url: 'http://a.test', timeout: '30 s' }] } },
    "spec.analysis.webhooks[0].timeout: expected a duration like 30s, got '30 s'",
  ],
  [
    'hook type',
    { analysis: { webhooks: [{ name: 'a', url: 'http://a.test', type: 'pre' }] } },
    "spec.analysis.webhooks[0].type: expected one of confirm-rollout, pre-rollout, rollout, confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event, got 'pre'",
  ],
  [
    'matcher',
    { service: { match: [{ uri: { exact: '/a', prefix: '/b' } }] } },
    'spec.service.match[0].uri: expected at most one of exact, prefix, suffix, regex, got {"exact":"/a","prefix":"/b"}',
  ],
  ['suspend', { spec: { suspend: 'no' } }, "spec.suspend: expected true or false, got 'no'"],
  ['analysis', { spec: { analysis: [] } }, 'spec.analysis: expected an object, got []'],
];

for (const [title, options, message] of broken) {
  test(`a wrong ${title} is a problem with path, expectation and value`, (t) => {
    t.deepEqual(messagesOf(aCanaryObject(options)), [`${message} (canary test/podinfo)`]);
  });
}

test('an unknown provider is a problem that lists the known ones, and never another provider', (t) => {
  const [message = ''] = messagesOf(aCanaryObject({ spec: { provider: 'supergloo' } }));
  t.regex(message, /^spec\.provider: expected one of .*kuma.*, got 'supergloo' \(canary test\/podinfo\)$/);
});

test('all problems of a spec are reported together', (t) => {
  t.is(messagesOf(aCanaryObject({ service: { port: 0 }, analysis: { maxWeight: 'a', threshold: 'b' } })).length, 3);
});

test('the address of a hook is not shown, because it may carry a token', (t) => {
  const [message = ''] = messagesOf(aCanaryObject({ analysis: { webhooks: [{ name: 'a', url: 'token-1234' }] } }));
  t.is(
    message,
    'spec.analysis.webhooks[0].url: expected an http or https URL, got another text (not shown) (canary test/podinfo)',
  );
});

test('nor is it where a whole object stands in the wrong place', (t) => {
  const webhooks = { url: 'https://a.test/token-1234', address: 'token-1234', name: 'a' };
  t.deepEqual(messagesOf(aCanaryObject({ analysis: { webhooks } })), [
    'spec.analysis.webhooks: expected a list of webhooks, got {"url":"(not shown)","address":"(not shown)","name":"a"} ' +
      '(canary test/podinfo)',
  ]);
});

test('a Canary with problems still tells who it is and which status it had', (t) => {
  const object = aCanaryObject({
    service: { port: 0 },
    status: { phase: 'Progressing', canaryWeight: 20 },
    metadata: { generation: 7 },
  });
  const parsed = parseCanary(object, { defaultProvider: 'kuma' });
  t.false(parsed.ok);
  if (parsed.ok) return;
  t.like(parsed.identity, {
    name: 'podinfo',
    namespace: 'test',
    generation: 7,
    resourceVersion: '100',
    deleting: false,
  });
  t.like(parsed.identity.status, { phase: 'Progressing', canaryWeight: 20 });
});

for (const object of [undefined, null, 'x', 5, [], {}, { metadata: 5, spec: 'y' }]) {
  test(`${JSON.stringify(object) ?? 'undefined'} instead of an object is refused without a crash`, (t) => {
    t.true(messagesOf(object).length > 0);
  });
}
