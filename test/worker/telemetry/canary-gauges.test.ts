import test from 'ava';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { createMetrics } from '../../../platform/observability/metrics.ts';
import type { AnalysisValue } from '../../../worker/telemetry/analysis-values.ts';
import { createCanaryGauges } from '../../../worker/telemetry/canary-gauges.ts';
import type { IndexedCanary } from '../../../worker/reads/canary-index.ts';
import { startClusterGauges } from '../../../worker/telemetry/cluster-gauges.ts';
import type { GaugeSource } from '../../../worker/telemetry/cluster-gauges.ts';
import type { Leases } from '../../../worker/step/lease.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { anIndex, anIndexedCanary } from '../../support/indexed-canary.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { seriesOf } from '../../support/series-of.ts';

/** A lease that one process at a time may hold. */
function aLease(): Pick<Leases, 'take'> {
  let taken = false;
  return {
    take: async () => {
      if (taken) return undefined;
      taken = true;
      let held = true;
      return {
        found: undefined,
        isHeld: () => held,
        confirm: async () => held,
        release: async () => {
          held = false;
          taken = false;
        },
      };
    },
  };
}

/** The same, of a Redis whose answers come later than the next try. */
function answeringLate(leases: Pick<Leases, 'take'>, clock: FakeClock): Pick<Leases, 'take'> {
  return {
    take: async (key, onLost) => {
      const answer = await leases.take(key, onLost);
      await clock.sleep(6_000);
      return answer;
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Values of metrics as Redis would keep them. */
function kept(values: readonly AnalysisValue[] = []) {
  let left = [...values];
  return {
    all: async () => left,
    forget: async (gone: readonly AnalysisValue[]) => {
      left = left.filter((value) => !gone.includes(value));
    },
  };
}

const sourcesOf = (canaries: readonly IndexedCanary[], values = kept()): readonly GaugeSource[] =>
  createCanaryGauges({ index: anIndex(canaries), values, version: '9.9.9', defaultProvider: 'kuma' });

async function exporter(sources: readonly GaugeSource[]) {
  const metrics = createMetrics();
  startClusterGauges({ metrics, sources, leases: aLease(), clock: createFakeClock(), log });
  await settle();
  return metrics;
}

test('phase, weights and number of canaries are shown under the names of the reference', async (t) => {
  const metrics = await exporter(
    sourcesOf([
      anIndexedCanary('a', { phase: 'Progressing', weight: 20 }),
      anIndexedCanary('b', { phase: 'Failed' }),
      anIndexedCanary('c', { phase: 'Waiting' }),
    ]),
  );
  t.deepEqual(await seriesOf(metrics, 'flagger_'), [
    'flagger_info{version="9.9.9",mesh_provider="kuma"} 1',
    'flagger_canary_total{namespace="shop"} 3',
    'flagger_canary_status{name="a",namespace="shop"} 0',
    'flagger_canary_status{name="b",namespace="shop"} 2',
    'flagger_canary_status{name="c",namespace="shop"} 1',
    'flagger_canary_weight{workload="a-primary",namespace="shop"} 80',
    'flagger_canary_weight{workload="a",namespace="shop"} 20',
    'flagger_canary_weight{workload="b-primary",namespace="shop"} 100',
    'flagger_canary_weight{workload="b",namespace="shop"} 0',
    'flagger_canary_weight{workload="c-primary",namespace="shop"} 100',
    'flagger_canary_weight{workload="c",namespace="shop"} 0',
  ]);
});

test('a deleted canary is shown no more, and its emptied namespace counts none', async (t) => {
  const canaries = [anIndexedCanary('a', { metrics: ['errors'] })];
  const values = kept([{ namespace: 'shop', name: 'a', metric: 'errors', value: 3 }]);
  const metrics = await exporter(sourcesOf(canaries, values));
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_metric_analysis'), [
    'flagger_canary_metric_analysis{name="a",namespace="shop",metric="errors"} 3',
  ]);
  canaries.pop();
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_'), ['flagger_canary_total{namespace="shop"} 0']);
  t.deepEqual(await values.all(), [], 'its values are forgotten');
});

test('a metric that an analysis checks no more is shown no more, those of the others stay', async (t) => {
  const [current, former] = [
    { namespace: 'shop', name: 'a', metric: 'errors', value: 3 },
    { namespace: 'shop', name: 'a', metric: 'latency', value: 4 },
  ];
  const values = kept([current, former]);
  const metrics = await exporter(sourcesOf([anIndexedCanary('a', { metrics: ['errors'] })], values));
  t.deepEqual(await seriesOf(metrics, 'flagger_canary_metric_analysis'), [
    'flagger_canary_metric_analysis{name="a",namespace="shop",metric="errors"} 3',
  ]);
  t.deepEqual(await values.all(), [current], 'its value is forgotten');
});

test('values of a namespace that may not be read are kept: its canary may be there', async (t) => {
  const canaries = [anIndexedCanary('a')];
  const [known, unknown] = [
    { namespace: 'shop', name: 'gone', metric: 'errors', value: 3 },
    { namespace: 'closed', name: 'a', metric: 'errors', value: 4 },
  ];
  const values = kept([known, unknown]);
  const index = anIndex(canaries, ['closed']);
  const metrics = await exporter(createCanaryGauges({ index, values, version: '9.9.9', defaultProvider: 'kuma' }));
  await metrics.render();
  t.deepEqual(await values.all(), [unknown]);
});

test('of two Canaries with one target the older one has the series', async (t) => {
  const younger = anIndexedCanary('a', { name: 'rival', creationTimestamp: '2026-02-01T00:00:00Z', phase: 'Failed' });
  const owner = anIndexedCanary('a', { phase: 'Progressing', weight: 30 });
  for (const canaries of [
    [younger, owner],
    [owner, younger],
  ]) {
    const metrics = await exporter(sourcesOf(canaries));
    t.deepEqual(await seriesOf(metrics, 'flagger_canary_status'), [
      'flagger_canary_status{name="a",namespace="shop"} 0',
    ]);
    t.deepEqual(await seriesOf(metrics, 'flagger_canary_total'), ['flagger_canary_total{namespace="shop"} 2']);
  }
});

test('of two workers one shows the gauges, and the other takes over when it leaves', async (t) => {
  const clock = createFakeClock();
  const leases = aLease();
  const sources = sourcesOf([anIndexedCanary('a')]);
  const workers = [1, 2].map(() => {
    const metrics = createMetrics();
    return { metrics, gauges: startClusterGauges({ metrics, sources, leases, clock, log }) };
  });
  const shown = async (): Promise<number[]> =>
    Promise.all(workers.map(async ({ metrics }) => (await seriesOf(metrics, 'flagger_')).length));
  await settle();
  t.deepEqual(await shown(), [5, 0]);
  await workers[0]?.gauges.stop();
  await clock.advance(5_000);
  t.deepEqual(await shown(), [0, 5]);
});

test('gauges whose lease is granted late are shown by who got it', async (t) => {
  const clock = createFakeClock();
  const metrics = createMetrics();
  const leases = answeringLate(aLease(), clock);
  startClusterGauges({ metrics, sources: sourcesOf([anIndexedCanary('a')]), leases, clock, log });
  await clock.advance(15_000);
  t.is((await seriesOf(metrics, 'flagger_')).length, 5);
});

test('a lease that is granted only after the end is given up', async (t) => {
  const clock = createFakeClock();
  const lease = aLease();
  const leases = answeringLate(lease, clock);
  const gauges = startClusterGauges({ metrics: createMetrics(), sources: [], leases, clock, log });
  await gauges.stop();
  await clock.advance(6_000);
  t.truthy(await lease.take('canary-gauges', () => undefined));
});

test('a source that fails leaves its gauges out, and the others stand', async (t) => {
  const metrics = createMetrics();
  const lines = createRecordingLogger();
  const sources: readonly GaugeSource[] = [
    {
      fill: async () => {
        throw new Error('Redis is away');
      },
    },
    ...sourcesOf([anIndexedCanary('a')]),
  ];
  startClusterGauges({ metrics, sources, leases: aLease(), clock: createFakeClock(), log: lines });
  await settle();
  t.is((await seriesOf(metrics, 'flagger_')).length, 5);
  t.deepEqual(
    lines.lines.map(({ message }) => message),
    ['gauges left out of a scrape'],
  );
});
