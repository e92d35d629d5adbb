import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { MetricStage } from '../../../canary/action.ts';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { MetricError } from '../../../worker/metrics/provider.ts';
import { StageError } from '../../../worker/metrics/stage-error.ts';
import { createMetricTemplates } from '../../../worker/metrics/templates.ts';
import type { OpenTemplate } from '../../../worker/metrics/templates.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { StoredObjects } from '../../support/stored-objects.ts';
import { aFlaggerObject, aSecret, secretPath, startStoredObjects } from '../../support/stored-objects.ts';
import { vector } from './scripted-prometheus.ts';

const http = createLocalHttp();
const unaborted = (): AbortSignal => new AbortController().signal;
const path = (namespace = 'test', name = 'orders'): string =>
  `/apis/flagger.app/v1beta1/namespaces/${namespace}/metrictemplates/${name}`;
const aTemplate = (provider: object): object => aFlaggerObject('MetricTemplate', { provider, query: 'up{{ name }}' });

async function open(
  stored: StoredObjects,
  { namespace = 'test', openNamespaces = [] as string[] } = {},
): Promise<OpenTemplate> {
  const templates = createMetricTemplates({ client: stored.client, http, log: silentLogger, openNamespaces });
  return templates.open(aCanary(), { name: 'orders', namespace }, unaborted());
}

async function withObjects(
  objects: Record<string, object | number>,
  use: (stored: StoredObjects) => Promise<void>,
): Promise<void> {
  const stored = await startStoredObjects(objects);
  try {
    await use(stored);
  } finally {
    await stored.close();
  }
}

async function failsIn(
  t: ExecutionContext,
  expected: { stage: MetricStage; message: string | RegExp },
  objects: Record<string, object | number>,
): Promise<void> {
  await withObjects(objects, async (stored) => {
    const error = await t.throwsAsync(() => open(stored), { instanceOf: StageError, message: expected.message });
    t.is(error?.stage, expected.stage);
  });
}

test('a template with a Secret asks its Prometheus with headers and token', async (t) => {
  const server = await startReceiver({ answer: () => vector('7') });
  const provider = {
    type: 'prometheus',
    address: `${server.url}/prom`,
    headers: { 'X-Scope-OrgID': ['tenant1', 'tenant2'] },
    secretRef: { name: 'prom' },
  };
  const objects = { [path()]: aTemplate(provider), [secretPath('test', 'prom')]: aSecret({ token: 'abc\n' }) };
  await withObjects(objects, async (stored) => {
    const template = await open(stored);
    t.is(template.query, 'up{{ name }}');
    t.is(template.type, 'prometheus');
    t.is(await template.provider.query('up', unaborted()), 7);
    t.like(server.received[0], { path: '/prom/api/v1/query?query=up' });
    t.is(await template.provider.query('up', unaborted()), 7);
    t.deepEqual(
      server.received.map(({ headers }) => headers['authorization']),
      ['Bearer abc', 'Bearer abc'],
      'a second query says it once, too',
    );
    t.is(server.received[0]?.headers['x-scope-orgid'], 'tenant1, tenant2');
  });
  await server.close();
});

test('user name and password are used when there is no token', async (t) => {
  const server = await startReceiver({ answer: () => vector('7') });
  const provider = { type: 'prometheus', address: server.url, secretRef: { name: 'prom' } };
  const secret = aSecret({ username: 'u\n', password: 'p\r\n' });
  await withObjects({ [path()]: aTemplate(provider), [secretPath('test', 'prom')]: secret }, async (stored) => {
    await (await open(stored)).provider.query('up', unaborted());
    const expected = `Basic ${Buffer.from('u:p').toString('base64')}`;
    t.is(server.received[0]?.headers['authorization'], expected, 'a trailing line break is no part of a secret');
  });
  await server.close();
});

const withSecret = (values: Record<string, string>) => ({
  [path()]: aTemplate({ type: 'prometheus', address: 'http://prometheus:9090', secretRef: { name: 'prom' } }),
  [secretPath('test', 'prom')]: aSecret(values),
});

test('a Secret without the needed keys is named by what is missing', async (t) => {
  const error = (key: string) => ({
    stage: 'provider' as const,
    message: `prometheus error: prometheus credentials does not contain a ${key}`,
  });
  await failsIn(t, error('username'), withSecret({ password: 'p' }));
  await failsIn(t, error('password'), withSecret({ username: 'u' }));
});

test('a template that does not exist or may not be read is told', async (t) => {
  await failsIn(t, { stage: 'template', message: /test\/orders.*not found/ }, {});
  await failsIn(t, { stage: 'template', message: /test\/orders/ }, { [path()]: 403 });
});

test('a Secret that does not exist is told by its name', async (t) => {
  const provider = { type: 'prometheus', address: 'http://x', secretRef: { name: 'prom' } };
  await failsIn(t, { stage: 'secret', message: /^prom error: .*not found/ }, { [path()]: aTemplate(provider) });
});

test('a type that nobody can ask is refused and never asked as another', async (t) => {
  await failsIn(
    t,
    { stage: 'provider', message: "datadog error: expected a provider of type prometheus, got 'datadog'" },
    { [path()]: aTemplate({ type: 'datadog', address: 'http://x' }) },
  );
});

test('an address that is no URL is refused', async (t) => {
  await failsIn(
    t,
    { stage: 'provider', message: /^prometheus error: prometheus address  is not a valid URL/ },
    { [path()]: aTemplate({ type: 'prometheus' }) },
  );
});

test('a template of another namespace is read only where the operator opened it', async (t) => {
  const objects = { [path('shared')]: aTemplate({ type: 'prometheus', address: 'http://x' }) };
  await withObjects(objects, async (stored) => {
    const error = await t.throwsAsync(() => open(stored, { namespace: 'shared' }), {
      instanceOf: StageError,
      message: "can't access metric template orders.shared, cross-namespace references are blocked",
    });
    t.is(error?.stage, 'template');
    t.deepEqual(stored.asked(), [], 'nothing is read');
    t.is((await open(stored, { namespace: 'shared', openNamespaces: ['shared'] })).type, 'prometheus');
  });
});

test('an API server that cannot be asked makes the check impossible, not failed', async (t) => {
  const stored = await startStoredObjects();
  await stored.stopServer();
  const error = await t.throwsAsync(() => open(stored), { instanceOf: MetricError });
  t.is(error?.kind, 'unavailable');
  await stored.client.close();
});

test('a changed template counts from the next check on', async (t) => {
  await withObjects({ [path()]: aTemplate({ type: 'prometheus', address: 'http://x' }) }, async (stored) => {
    t.is((await open(stored)).query, 'up{{ name }}');
    stored.objects[path()] = aFlaggerObject('MetricTemplate', {
      provider: { type: 'prometheus', address: 'http://x' },
      query: 'down',
    });
    t.is((await open(stored)).query, 'down');
  });
});
