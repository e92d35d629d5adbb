/** What telemetry is told of hooks and of queries. */
import test from 'ava';
import type { Webhook } from '../../../canary/spec.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { systemClock as clock } from '../../../platform/clock.ts';
import { createMetricChecker } from '../../../worker/metrics/check.ts';
import type { QueryObservation } from '../../../worker/metrics/observed-provider.ts';
import { createPrometheusProvider } from '../../../worker/metrics/prometheus.ts';
import type { HookObservation } from '../../../worker/webhooks/call.ts';
import { createHookCaller } from '../../../worker/webhooks/call.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { deadAddress, startReceiver } from '../../support/receiver.ts';
import { noTemplates, vector } from '../metrics/scripted-prometheus.ts';

const http = createLocalHttp();

test('a hook is told with its type and whether it passed, refused or gave no answer', async (t) => {
  const seen: HookObservation[] = [];
  const receiver = await startReceiver({ answer: ({ path }) => ({ status: path === '/no' ? 403 : 200 }) });
  t.teardown(() => receiver.close());
  const call = createHookCaller({ http, clock, random: () => 0, observe: (one) => seen.push(one) });
  for (const [type, url] of [
    ['rollout', `${receiver.url}/yes`],
    ['pre-rollout', `${receiver.url}/no`],
    ['confirm-promotion', deadAddress],
  ] as const) {
    const hook: Webhook = {
      name: 'hook',
      type,
      url,
      timeoutMs: 5_000,
      retries: 0,
      metadata: {},
      muteAlert: false,
      disableTLS: false,
    };
    const question = { phase: 'Progressing', checksum: 'c', idempotencyKey: 'k' } as const;
    await call(aStep(aCanary(), { now: clock.now() }), { kind: 'callHook', hook, ...question });
  }
  t.deepEqual(
    seen.map(({ type, outcome }) => `${type} ${outcome}`),
    ['rollout passed', 'pre-rollout refused', 'confirm-promotion unanswered'],
  );
  t.true(seen.every(({ durationMs }) => durationMs >= 0 && durationMs < 5_000));
});

test('a query is told with the type of its provider and what came back, a value with its check', async (t) => {
  const queries: QueryObservation[] = [];
  const values: string[] = [];
  const server = await startReceiver({
    answer: ({ path }) => (path.startsWith('/bad') ? { status: 500 } : vector('99')),
  });
  t.teardown(() => server.close());
  const checker = createMetricChecker({
    http,
    log,
    defaultMetricsServer: server.url,
    templates: {
      ...noTemplates,
      open: async () => ({
        query: 'x',
        type: 'prometheus',
        provider: createPrometheusProvider({ http, log, address: `${server.url}/bad` }),
      }),
    },
    observed: {
      clock,
      observe: (one) => queries.push(one),
      onValue: (canary, { metric, part }, value) => values.push(`${canary.name} ${metric.name} ${part} ${value}`),
    },
  });
  const canary = aCanary({
    analysis: {
      metrics: [
        { name: 'request-success-rate', interval: '1m' },
        { name: 'errors', interval: '1m', templateRef: { name: 'errors' } },
      ],
    },
  });
  const [rate, errors] = canary.spec.analysis.metrics;
  if (rate === undefined || errors === undefined) throw new Error('expected the two metrics of the Canary');
  await checker.query(aStep(canary), rate, 'builtin');
  await checker.query(aStep(canary), errors, 'template');
  t.deepEqual(
    queries.map(({ provider, outcome }) => `${provider} ${outcome}`),
    ['prometheus value', 'prometheus unavailable'],
  );
  t.deepEqual(values, ['podinfo request-success-rate builtin 99']);
});
