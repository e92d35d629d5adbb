import test from 'ava';
import { parseAlertProvider, parseMetricTemplate } from '../../canary/parse-shared.ts';
import { alertProviderSpecs, metricTemplateSpecs } from '../support/reference-corpus.ts';

const metadata = { name: 'orders', namespace: 'test' };
const messagesOf = (parsed: ReturnType<typeof parseMetricTemplate> | ReturnType<typeof parseAlertProvider>) =>
  parsed.ok ? [] : parsed.problems.map(({ message }) => message);

for (const [type, spec] of Object.entries(metricTemplateSpecs)) {
  test(`a MetricTemplate for ${type} is read as it is written`, (t) => {
    const parsed = parseMetricTemplate({ metadata, spec });
    t.true(parsed.ok);
    if (parsed.ok) t.like(parsed.spec, spec);
  });
}

for (const [type, spec] of Object.entries(alertProviderSpecs)) {
  test(`an AlertProvider for ${type} is read as it is written`, (t) => {
    const parsed = parseAlertProvider({ metadata, spec });
    t.true(parsed.ok);
    if (parsed.ok) t.like(parsed.spec, spec);
  });
}

test('what is left out, null or empty gets its default', (t) => {
  const template = parseMetricTemplate({
    metadata,
    spec: { provider: { type: 'prometheus', address: '' }, query: 'up' },
  });
  t.deepEqual(template.ok && template.spec.provider, {
    type: 'prometheus',
    address: undefined,
    headers: {},
    insecureSkipVerify: false,
  });
  const provider = parseAlertProvider({ metadata, spec: { type: 'slack', channel: '', proxy: null } });
  t.like(provider.ok && provider.spec, { type: 'slack', channel: 'general', username: 'flagger' });
});

test('a mistake is told with path, expectation, value and object', (t) => {
  const provider = { type: 'prometheus', headers: { a: 'b' }, secretRef: 'prom' };
  t.deepEqual(messagesOf(parseMetricTemplate({ metadata, spec: { provider } })), [
    "spec.provider.headers.a: expected a list of texts, got 'b' (metric template test/orders)",
    "spec.provider.secretRef: expected an object with a name, got 'prom' (metric template test/orders)",
    'spec.query: expected a text, got nothing (metric template test/orders)',
  ]);
  t.deepEqual(messagesOf(parseMetricTemplate({ metadata })), [
    'spec: expected an object with provider and query, got nothing (metric template test/orders)',
  ]);
  t.deepEqual(messagesOf(parseAlertProvider({ metadata, spec: { type: 5 } })), [
    'spec.type: expected a text, got 5 (alert provider test/orders)',
  ]);
});
