import test from 'ava';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { createPrometheusProvider } from '../../../worker/metrics/prometheus.ts';
import type { PrometheusOptions } from '../../../worker/metrics/prometheus.ts';
import { MetricError } from '../../../worker/metrics/provider.ts';
import { withoutCredentials } from '../../../worker/shown.ts';
import { metricProviderContract } from '../../contract/metric-provider.contract.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { startReceiver } from '../../support/receiver.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { vector } from './scripted-prometheus.ts';

const http = createLocalHttp();
const unaborted = (): AbortSignal => new AbortController().signal;

metricProviderContract('prometheus', {
  create: (address) => createPrometheusProvider({ http, log: silentLogger, address }),
  query: 'up',
  replies: {
    value: vector('42.5'),
    nothing: vector(),
    notANumber: vector('NaN'),
    infinite: vector('+Inf'),
    refusal: { status: 400, body: '{"status":"error","errorType":"bad_data","error":"parse error"}' },
    online: vector('1'),
  },
});

/** What a provider with these options sends for a query. */
async function sent(path: string, options: Partial<PrometheusOptions> = {}, query = 'up') {
  const server = await startReceiver({ answer: () => vector('1') });
  const address = `${server.url.replace('//', '//user:pa%40ss@')}${path}`;
  const provider = createPrometheusProvider({ http, log: silentLogger, address, ...options });
  await provider.query(query, unaborted());
  await server.close();
  return server.received[0];
}

test('the query goes below the path of the address, white space collapsed', async (t) => {
  t.is((await sent('/'))?.path, '/api/v1/query?query=up');
  t.is((await sent('//prom//?x=1#y'))?.path, '/prom/api/v1/query?query=up');
  const request = await sent('', {}, 'sum(\n  rate(x{a="b+c"}[1m])\n)');
  t.is(request?.path, '/api/v1/query?query=sum%28+rate%28x%7Ba%3D%22b%2Bc%22%7D%5B1m%5D%29+%29');
  t.is(request?.method, 'GET');
});

test('user and password of the address become Basic authentication', async (t) => {
  const basic = Buffer.from('user:pa@ss').toString('base64');
  t.is((await sent(''))?.headers['authorization'], `Basic ${basic}`);
});

test('a token is sent as bearer, before anything else', async (t) => {
  const request = await sent('', {
    credentials: { kind: 'bearer', token: 'secret' },
    headers: { 'x-scope-orgid': 'tenant1' },
  });
  t.is(request?.headers['authorization'], 'Bearer secret');
  t.is(request?.headers['x-scope-orgid'], 'tenant1');
});

test('user name and password of a Secret are sent as Basic authentication', async (t) => {
  const request = await sent('', { credentials: { kind: 'basic', username: 'ü', password: 'p' } });
  t.is(request?.headers['authorization'], `Basic ${Buffer.from('ü:p').toString('base64')}`);
});

test('a query without a complete answer within five seconds could not be made', async (t) => {
  const clock = createFakeClock();
  const server = await startReceiver({ answer: () => 'silence' });
  const provider = createPrometheusProvider({ http: createLocalHttp(clock), log: silentLogger, address: server.url });
  const asked = t.throwsAsync(() => provider.query('up', unaborted()), { instanceOf: MetricError });
  await waitUntil('the query arrives', () => server.received.length === 1);
  await clock.advance(5000);
  t.is((await asked)?.kind, 'unavailable');
  await server.close();
});

test('an error of the server is told with its status and body, cut to a length', async (t) => {
  const server = await startReceiver({ answer: () => ({ status: 503, body: `overloaded ${'x'.repeat(5000)}` }) });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: server.url });
  const error = await t.throwsAsync(() => provider.query('up', unaborted()));
  t.regex(error?.message ?? '', /^error response: Status 503 Service Unavailable: overloaded x+…$/);
  t.true((error?.message.length ?? 0) < 700);
  await server.close();
});

test('an answer of far more series than a check needs is not read, and its query is to be narrowed', async (t) => {
  const values = ({ length }: { length: number }) => vector(...Array.from({ length }, () => '1'));
  const server = await startReceiver({
    answer: (_request, number) => values({ length: number === 0 ? 10_000 : 5_000 }),
  });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: server.url });
  const error = await t.throwsAsync(() => provider.query('up', unaborted()), { instanceOf: MetricError });
  t.is(error?.kind, 'invalid');
  t.regex(error?.message ?? '', /at most 256 KiB, got a longer one: narrow the query, so that it selects one series$/);
  t.is(await provider.query('up', unaborted()), 1);
  await server.close();
});

test('the beginning of a long refusal is told', async (t) => {
  const server = await startReceiver({ answer: () => ({ status: 422, body: `too many ${'x'.repeat(300 * 1024)}` }) });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: server.url });
  const error = await t.throwsAsync(() => provider.query('up', unaborted()), { instanceOf: MetricError });
  t.regex(error?.message ?? '', /^error response: Status 422 .*: too many x+…$/);
  await server.close();
});

test('what a server quotes of its request in an error is told without the credentials', async (t) => {
  const server = await startReceiver({
    answer: ({ headers, path }, number) => ({
      status: number === 0 ? 401 : 200,
      body: `${'x'.repeat(495)} ${String(headers['authorization'])} ${String(headers['x-key'])} ${path}`,
    }),
  });
  const provider = createPrometheusProvider({
    http,
    log: silentLogger,
    address: server.url.replace('//', '//reader:pa55word@'),
    headers: { 'x-key': 'k3y-of-tenant' },
    credentials: { kind: 'bearer', token: 't0ken-of-tenant' },
  });
  for (const words of [/^error response: Status 401/, /^error unmarshaling result/]) {
    const error = await t.throwsAsync(() => provider.query('up', unaborted()));
    t.regex(error?.message ?? '', words);
    t.notRegex(`${error?.stack} ${String(error?.cause)}`, /pa55|k3y|t0ken|Bearer t/);
  }
  await server.close();
});

test('what a server says is not told where the request has more secrets than can be looked for', async (t) => {
  const headers = Object.fromEntries(Array.from({ length: 101 }, (_none, index) => [`x-${index}`, `secret-${index}`]));
  const server = await startReceiver({ answer: (request) => ({ body: JSON.stringify(request.headers) + '}' }) });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: server.url, headers });
  const error = await t.throwsAsync(() => provider.query('up', unaborted()), { instanceOf: MetricError });
  t.is(error?.kind, 'invalid');
  t.regex(error?.message ?? '', /expected JSON, got '\(not shown: /);
  t.notRegex(`${error?.message} ${String(error?.cause)}`, /secret-/);
  await server.close();
});

test('more than one series is logged with the query', async (t) => {
  const log = createRecordingLogger();
  const server = await startReceiver({ answer: () => vector('1', '2') });
  const provider = createPrometheusProvider({ http, log, address: server.url });
  t.is(await provider.query('up', unaborted()), 2);
  t.deepEqual(log.lines, [
    {
      level: 'info',
      fields: { query: 'up', series: 2 },
      message: 'query returned more than one series, the last one counts',
    },
  ]);
  await server.close();
});

test('a Prometheus that says that one is two is not online', async (t) => {
  const server = await startReceiver({ answer: () => vector('2') });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: server.url });
  await t.throwsAsync(() => provider.isOnline(unaborted()), { message: 'expected 1 for the query vector(1), got 2' });
  t.is(server.received[0]?.path, '/api/v1/query?query=vector%281%29');
  await server.close();
});

for (const address of ['', 'prometheus', 'prometheus:9090', 'ftp://x', 'http://']) {
  test(`the address '${address}' is refused before anything is asked`, (t) => {
    t.throws(() => createPrometheusProvider({ http, log: silentLogger, address }), {
      instanceOf: MetricError,
      message: `prometheus address ${address} is not a valid URL: expected one that begins with http:// or https://`,
    });
  });
}

test('an address is shown without user and password', (t) => {
  t.is(withoutCredentials('http://user:secret@prometheus:9090/x'), 'http://prometheus:9090/x');
  t.is(withoutCredentials('http://prometheus:9090/a@b'), 'http://prometheus:9090/a@b');
  t.is(withoutCredentials('http://gate/check?token=secret#x'), 'http://gate/check');
  t.is(withoutCredentials('http:\\\\user:secret@gate'), 'http://gate');
});

for (const address of [
  'ftp://user:secret@x',
  'user:secret@prometheus:9090',
  'http://user:sec/ret@x',
  'http://user:s?ecret@x',
]) {
  test(`the address ${address} is refused without its password`, (t) => {
    const error = t.throws(() => createPrometheusProvider({ http, log: silentLogger, address }));
    t.regex(error?.message ?? '', /^prometheus address ([a-z]+:\/\/)?(x|prometheus:9090) is not a valid URL/);
  });
}

test('a certificate that nobody trusts is refused unless verification is off', async (t) => {
  const server = await startReceiver({ answer: () => vector('3'), tls: true });
  const strict = createPrometheusProvider({ http, log: silentLogger, address: server.url });
  const error = await t.throwsAsync(() => strict.query('up', unaborted()), { instanceOf: MetricError });
  t.is(error?.kind, 'unavailable');
  const lax = createPrometheusProvider({ http, log: silentLogger, address: server.url, insecureSkipVerify: true });
  t.is(await lax.query('up', unaborted()), 3);
  await server.close();
});
