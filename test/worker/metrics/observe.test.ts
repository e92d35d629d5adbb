import test from 'ava';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { createMetricChecker } from '../../../worker/metrics/check.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { deadAddress } from '../../support/receiver.ts';
import { noTemplates, vector, withPrometheus } from './scripted-prometheus.ts';

const http = createLocalHttp();

const observed = (metrics: unknown[]) => aStep(aCanary({ analysis: { metrics } }));

test('providers that answer are available, each asked once', async (t) => {
  await withPrometheus(
    () => vector('1'),
    async ({ checker, queries }) => {
      const step = observed([
        { name: 'request-success-rate', threshold: 99 },
        { name: 'request-duration', threshold: 500 },
        { name: 'orders', templateRef: { name: 'orders' } },
        { name: 'orders again', templateRef: { name: 'orders' } },
      ]);
      t.deepEqual(await checker.observe(step), { kind: 'available' });
      t.deepEqual(queries(), ['vector(1)', 'vector(1)']);
    },
  );
});

test('a built-in name beside a template needs the provider of the template, too', async (t) => {
  await withPrometheus(
    () => vector('1'),
    async ({ url }) => {
      const checker = createMetricChecker({
        http,
        log: silentLogger,
        defaultMetricsServer: url,
        templates: noTemplates,
      });
      const step = observed([{ name: 'request-duration', threshold: 500, templateRef: { name: 'missing' } }]);
      t.deepEqual(await checker.observe(step), {
        kind: 'unavailable',
        detail: 'metric template missing.test error: no missing in test',
      });
    },
  );
});

test('no metrics need no provider', async (t) => {
  const checker = createMetricChecker({
    http,
    log: silentLogger,
    defaultMetricsServer: deadAddress,
    templates: noTemplates,
  });
  t.deepEqual(await checker.observe(observed([])), { kind: 'available' });
});

test('a Prometheus that is down is not available, and an inline query needs it too', async (t) => {
  const defaultMetricsServer = deadAddress;
  const checker = createMetricChecker({ http, log: silentLogger, defaultMetricsServer, templates: noTemplates });
  for (const asked of [{ name: 'request-duration' }, { name: 'errors', query: 'up' }]) {
    const answer = await checker.observe(observed([{ ...asked, threshold: 1 }]));
    t.regex(answer.kind === 'unavailable' ? answer.detail : 'available', /^prometheus not avaiable: .*ECONNREFUSED/);
  }
});

test('a template that is missing or whose provider is down is told by its name', async (t) => {
  const metrics = [{ name: 'orders', templateRef: { name: 'orders', namespace: 'shared' } }];
  const missing = createMetricChecker({
    http,
    log: silentLogger,
    defaultMetricsServer: deadAddress,
    templates: noTemplates,
  });
  t.deepEqual(await missing.observe(observed(metrics)), {
    kind: 'unavailable',
    detail: 'metric template orders.shared error: no orders in shared',
  });
  await withPrometheus(
    () => ({ status: 500 }),
    async ({ checker }) => {
      t.deepEqual(await checker.observe(observed(metrics)), {
        kind: 'unavailable',
        detail:
          'prometheus in metric template orders.shared not avaiable: error response: Status 500 Internal Server Error: ',
      });
    },
  );
});
