import test from 'ava';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { createMetricChecker } from '../../../worker/metrics/check.ts';
import { RouteError } from '../../../worker/metrics/stage-error.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { deadAddress } from '../../support/receiver.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { metric, noTemplates, vector, withPrometheus } from './scripted-prometheus.ts';

const http = createLocalHttp();

const successRate = metric('request-success-rate');
const duration = metric('request-duration');
const provider = (name: string) => aStep(aCanary({ spec: { provider: name } }));

test('a success rate is answered in percent', async (t) => {
  await withPrometheus(
    () => vector('99.25'),
    async ({ checker, queries }) => {
      t.deepEqual(await checker.query(provider('kuma'), successRate, 'builtin'), { kind: 'value', value: 99.25 });
      t.regex(queries()[0] ?? '', /envoy_cluster_upstream_rq\{mesh=~"default\|"/);
    },
  );
});

test('a duration is answered in whole milliseconds, whatever its query yields', async (t) => {
  await withPrometheus(
    () => vector('0.4567'),
    async ({ checker }) => {
      t.deepEqual(await checker.query(provider('kubernetes'), duration, 'builtin'), { kind: 'value', value: 456 });
    },
  );
  await withPrometheus(
    () => vector('456.9'),
    async ({ checker }) => {
      t.deepEqual(await checker.query(provider('kuma'), duration, 'builtin'), { kind: 'value', value: 456 });
    },
  );
});

test('missing values are told in the words of the query set', async (t) => {
  await withPrometheus(
    () => vector(),
    async ({ checker }) => {
      t.deepEqual(await checker.query(provider('kuma'), successRate, 'builtin'), {
        kind: 'noValues',
        detail: 'running query failed: no values found',
      });
      t.deepEqual(await checker.query(provider('kubernetes'), successRate, 'builtin'), {
        kind: 'noValues',
        detail: 'no values found',
      });
    },
  );
});

test('a Prometheus that is down makes the check impossible, not failed', async (t) => {
  const address = deadAddress;
  const checker = createMetricChecker({
    http,
    log: silentLogger,
    defaultMetricsServer: address,
    templates: noTemplates,
  });
  const answer = await checker.query(provider('kuma'), successRate, 'builtin');
  t.is(answer.kind, 'unavailable');
  t.regex(answer.kind === 'unavailable' ? answer.detail : '', /^running query failed: .*ECONNREFUSED/);
});

test('a refused query is a failed check', async (t) => {
  await withPrometheus(
    () => ({ status: 400, body: 'parse error' }),
    async ({ checker }) => {
      t.deepEqual(await checker.query(provider('kuma'), metric('errors', { query: 'sum(' }), 'query'), {
        kind: 'invalid',
        stage: 'query',
        detail: 'error response: Status 400 Bad Request: parse error',
      });
    },
  );
});

test('an inline query is rendered before it is sent, and answered as it is', async (t) => {
  const inline = metric('errors', { query: 'x{app="{{ target }}"}[{{ interval }}]', interval: '30s' });
  await withPrometheus(
    () => vector('0.125'),
    async ({ checker, queries }) => {
      t.deepEqual(await checker.query(provider('kuma'), inline, 'query'), { kind: 'value', value: 0.125 });
      t.deepEqual(queries(), ['x{app="podinfo"}[30s]']);
    },
  );
});

test('an inline query that cannot be rendered is told and nothing is sent', async (t) => {
  await withPrometheus(
    () => vector('1'),
    async ({ checker, queries }) => {
      t.deepEqual(await checker.query(provider('kuma'), metric('errors', { query: '{{ nope }}' }), 'query'), {
        kind: 'invalid',
        stage: 'render',
        detail: 'template parsing failed: template: tmpl:1: function "nope" not defined',
      });
      t.deepEqual(queries(), []);
    },
  );
});

test('a template is rendered with the variables of the metric and sent to its own provider', async (t) => {
  const custom = metric('custom', {
    templateRef: { name: 'orders', namespace: 'test' },
    templateVariables: { x: 'blue' },
  });
  await withPrometheus(
    ({ path }) => (path.startsWith('/orders/') ? vector('8') : { status: 404 }),
    async ({ checker, queries }) => {
      t.deepEqual(await checker.query(provider('kuma'), custom, 'template'), { kind: 'value', value: 8 });
      t.deepEqual(queries(), ['custom{ns="test",x="blue"}']);
    },
  );
});

test('a provider without built-in queries says what to use instead', async (t) => {
  await withPrometheus(
    () => vector('1'),
    async ({ checker, queries }) => {
      t.deepEqual(await checker.query(provider('smi:v1alpha1'), successRate, 'builtin'), {
        kind: 'invalid',
        stage: 'query',
        detail:
          'provider smi:v1alpha1 has no built-in query for request-success-rate: give the metric a templateRef to a MetricTemplate',
      });
      t.deepEqual(queries(), []);
    },
  );
});

test('the metrics server of the Canary is asked instead of the default one', async (t) => {
  const never = deadAddress;
  await withPrometheus(
    () => vector('5'),
    async ({ url }) => {
      const checker = createMetricChecker({
        http,
        log: silentLogger,
        defaultMetricsServer: never,
        templates: noTemplates,
      });
      const step = aStep(aCanary({ spec: { provider: 'kuma', metricsServer: url } }));
      t.deepEqual(await checker.query(step, successRate, 'builtin'), { kind: 'value', value: 5 });
    },
  );
});

test('a metrics server that is no URL is told as such', async (t) => {
  const checker = createMetricChecker({
    http,
    log: silentLogger,
    defaultMetricsServer: 'prometheus:9090',
    templates: noTemplates,
  });
  t.like(await checker.query(provider('kuma'), successRate, 'builtin'), { kind: 'invalid', stage: 'client' });
  const step = aStep(aCanary({ analysis: { metrics: [{ name: 'request-duration', threshold: 500 }] } }));
  t.deepEqual(await checker.observe(step), {
    kind: 'unavailable',
    detail:
      'error building Prometheus client for prometheus:9090 prometheus address prometheus:9090 is not a valid URL: expected one that begins with http:// or https://',
  });
});

test('the mesh that carries the traffic chooses the queries of a Gateway API provider', async (t) => {
  await withPrometheus(
    () => vector('5'),
    async ({ url, queries }) => {
      const base = { http, log: silentLogger, defaultMetricsServer: url, templates: noTemplates };
      const checker = createMetricChecker({ ...base, meshOf: async () => 'east' });
      await checker.query(provider('gatewayapi:v1'), successRate, 'builtin');
      t.regex(queries()[0] ?? '', /mesh=~"east\|"/);
    },
  );
});

test('the route of a Knative Service that cannot be read makes the check impossible, not failed', async (t) => {
  await withPrometheus(
    () => vector('5'),
    async ({ url, queries }) => {
      const base = { http, log: silentLogger, defaultMetricsServer: url, templates: noTemplates };
      const routeOf = () => Promise.reject(new RouteError('it has no revision yet'));
      const checker = createMetricChecker({ ...base, routeOf });
      t.deepEqual(await checker.query(provider('kubernetes'), successRate, 'builtin'), {
        kind: 'unavailable',
        stage: 'route',
        detail: 'it has no revision yet',
      });
      t.deepEqual(queries(), []);
    },
  );
});

test('an aborted step gets no answer at all', async (t) => {
  const step = new AbortController();
  await withPrometheus(
    () => 'silence',
    async ({ checker, queries }) => {
      const context = aStep(aCanary(), { signal: step.signal });
      const asked = t.throwsAsync(() => checker.query(context, successRate, 'builtin'), {
        message: 'the lease is gone',
      });
      await waitUntil('the query arrives', () => queries().length === 1);
      step.abort(new Error('the lease is gone'));
      await asked;
    },
  );
});
