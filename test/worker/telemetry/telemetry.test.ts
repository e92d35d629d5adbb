import test from 'ava';
import { createMetrics } from '../../../platform/observability/metrics.ts';
import { createTelemetry } from '../../../worker/telemetry/telemetry.ts';
import { seriesOf } from '../../support/series-of.ts';

test('steps are counted by outcome and by the reason for which they were skipped', async (t) => {
  const metrics = createMetrics();
  const telemetry = createTelemetry(metrics);
  telemetry.stepEnded({ report: { canary: 'test/podinfo', outcome: 'advanced', slot: 7 }, durationMs: 30, lagMs: 12 });
  telemetry.stepEnded({
    report: { canary: 'test/podinfo', outcome: 'skipped', reason: 'slotPassed', slot: 6 },
    durationMs: 2,
  });
  t.deepEqual(await seriesOf(metrics, 'aviary_steps_total'), [
    'aviary_steps_total{outcome="advanced",reason=""} 1',
    'aviary_steps_total{outcome="skipped",reason="slotPassed"} 1',
  ]);
  t.deepEqual(await seriesOf(metrics, 'aviary_step_lag_seconds_sum'), ['aviary_step_lag_seconds_sum 0.012']);
  t.deepEqual(await seriesOf(metrics, 'aviary_step_duration_seconds_count'), ['aviary_step_duration_seconds_count 2']);
});

test('requests to the API server are counted by code and timed by verb and resource', async (t) => {
  const metrics = createMetrics();
  const { requestSent } = createTelemetry(metrics);
  requestSent({ verb: 'get', resource: 'canaries.flagger.app', code: 200, durationMs: 4 });
  requestSent({ verb: 'get', resource: 'canaries.flagger.app', code: 'timeout', durationMs: 10_000 });
  t.deepEqual(await seriesOf(metrics, 'aviary_kubernetes_requests_total'), [
    'aviary_kubernetes_requests_total{verb="get",resource="canaries.flagger.app",code="200"} 1',
    'aviary_kubernetes_requests_total{verb="get",resource="canaries.flagger.app",code="timeout"} 1',
  ]);
  t.deepEqual(await seriesOf(metrics, 'aviary_kubernetes_request_duration_seconds_sum'), [
    'aviary_kubernetes_request_duration_seconds_sum{verb="get",resource="canaries.flagger.app"} 10.004',
  ]);
});

test('hooks are timed by type and outcome, queries by type of provider and outcome', async (t) => {
  const metrics = createMetrics();
  const { hookCalled, metricQueried } = createTelemetry(metrics);
  hookCalled({ type: 'pre-rollout', outcome: 'refused', durationMs: 250 });
  metricQueried({ provider: 'prometheus', outcome: 'noValues', durationMs: 40 });
  t.deepEqual(await seriesOf(metrics, 'aviary_hook_duration_seconds_sum'), [
    'aviary_hook_duration_seconds_sum{type="pre-rollout",outcome="refused"} 0.25',
  ]);
  t.deepEqual(await seriesOf(metrics, 'aviary_metric_query_duration_seconds_sum'), [
    'aviary_metric_query_duration_seconds_sum{provider="prometheus",outcome="noValues"} 0.04',
  ]);
});
