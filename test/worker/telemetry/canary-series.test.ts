import test from 'ava';
import { Phase } from '../../../canary/canary.ts';
import { createMetrics } from '../../../platform/observability/metrics.ts';
import { analysedTarget, createCanarySeries } from '../../../worker/telemetry/canary-series.ts';
import type { IndexedCanary } from '../../../worker/reads/canary-index.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { anIndex, anIndexedCanary } from '../../support/indexed-canary.ts';
import { seriesOf } from '../../support/series-of.ts';

const ended = { kind: 'count', id: '1', outcome: 'success', analysis: 'completed' } as const;

function aWorker(canaries: readonly IndexedCanary[], unread: readonly string[] = []) {
  const [metrics, clock] = [createMetrics(), createFakeClock()];
  return { metrics, clock, series: createCanarySeries({ metrics, index: anIndex(canaries, unread), clock }) };
}

const podinfo = anIndexedCanary('podinfo', { namespace: 'test' });

test('ends of runs are counted under the names and labels of the reference', async (t) => {
  const { metrics, series } = aWorker([podinfo]);
  series.runEnded(aCanary(), ended);
  series.runEnded(aCanary({ analysis: { iterations: 5 } }), { ...ended, outcome: 'failure', analysis: 'skipped' });
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_successes_total'), [
    'flagger_canary_successes_total{name="podinfo",namespace="test",deployment_strategy="canary",analysis_status="completed"} 1',
  ]);
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_failures_total'), [
    'flagger_canary_failures_total{name="podinfo",namespace="test",deployment_strategy="blue-green",analysis_status="skipped"} 1',
  ]);
});

test('the time of an analysis stands in the buckets of the reference', async (t) => {
  const { metrics, series } = aWorker([podinfo]);
  series.analysed({ namespace: 'test', name: 'podinfo' }, 30);
  const buckets = await seriesOf(metrics, 'flagger_canary_duration_seconds_bucket');
  t.deepEqual(
    buckets.map((line) => /le="([^"]+)"/.exec(line)?.[1]),
    ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'],
  );
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_duration_seconds_sum'), [
    'flagger_canary_duration_seconds_sum{name="podinfo",namespace="test"} 0.03',
  ]);
});

test('only a step of a running analysis counts for its time', (t) => {
  const after = (phase: Phase, outcome: Parameters<typeof analysedTarget>[1]) =>
    analysedTarget(aCanary({ status: { phase } }), outcome)?.name;
  t.is(after('Progressing', 'advanced'), 'podinfo');
  t.is(after('WaitingPromotion', 'waiting'), 'podinfo');
  t.is(after('Progressing', 'restarted'), undefined);
  t.is(after('Progressing', 'conflict'), undefined);
  t.is(after('Promoting', 'promoting'), undefined);
  t.is(after('Waiting', 'waiting'), undefined);
});

test('the series of a Canary that is gone go, those of the others stay', async (t) => {
  const canaries = [podinfo, anIndexedCanary('other', { namespace: 'test' })];
  const { metrics, clock, series } = aWorker(canaries);
  series.runEnded(aCanary(), ended);
  series.analysed({ namespace: 'test', name: 'podinfo' }, 30);
  series.analysed({ namespace: 'test', name: 'other' }, 30);
  await clock.advance(60_000);
  t.is((await seriesOf(metrics, 'flagger_canary_duration_seconds_sum')).length, 2);
  canaries.shift();
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_successes_total'), []);
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_duration_seconds_sum'), [
    'flagger_canary_duration_seconds_sum{name="other",namespace="test"} 0.03',
  ]);
});

test('a Canary that the index has not heard of yet keeps its series', async (t) => {
  const { metrics, clock, series } = aWorker([]);
  series.runEnded(aCanary(), ended);
  await clock.advance(59_000);
  t.is((await seriesOf(metrics, 'flagger_canary_successes_total')).length, 1);
});

test('a Canary of a namespace that may not be read keeps its series', async (t) => {
  const { metrics, clock, series } = aWorker([], ['test']);
  series.runEnded(aCanary(), ended);
  await clock.advance(3_600_000);
  t.is((await seriesOf(metrics, 'flagger_canary_successes_total')).length, 1);
});
