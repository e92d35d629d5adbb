import test from 'ava';
import { createMetrics } from '../../platform/metrics.ts';
import { createTelemetry } from '../../worker/telemetry.ts';
import { aCanary } from '../support/a-canary.ts';

const seriesOf = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

test('ends of runs are counted under the names and labels of the reference', async (t) => {
  const metrics = createMetrics();
  const telemetry = createTelemetry(metrics);
  telemetry.runEnded(aCanary(), { kind: 'count', id: '1', outcome: 'success', analysis: 'completed' });
  telemetry.runEnded(aCanary({ analysis: { iterations: 5 } }), {
    kind: 'count',
    id: '2',
    outcome: 'failure',
    analysis: 'skipped',
  });
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_successes_total'), [
    'flagger_canary_successes_total{name="podinfo",namespace="test",deployment_strategy="canary",analysis_status="completed"} 1',
  ]);
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_failures_total'), [
    'flagger_canary_failures_total{name="podinfo",namespace="test",deployment_strategy="blue-green",analysis_status="skipped"} 1',
  ]);
});

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
