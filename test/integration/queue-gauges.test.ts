/** What a worker shows of the queues and of what workers note in Redis, on a real Redis. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createGaugePage } from '../../platform/observability/gauge-page.ts';
import { openAlertQueue } from '../../queue/alert-queue.ts';
import { otherTenants, waitingByTenant } from '../../queue/depth.ts';
import { createPaceStore } from '../../queue/pace-store.ts';
import { createTickMark } from '../../queue/tick-mark.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createTick } from '../../scheduler/tick.ts';
import { createAnalysisValues } from '../../worker/telemetry/analysis-values.ts';
import { createOutboxAge } from '../../worker/telemetry/outbox-age.ts';
import { createQueueGauges } from '../../worker/telemetry/queue-gauges.ts';
import { createSentMarkers } from '../../worker/announcements/sent-markers.ts';
import { aCanary } from '../support/a-canary.ts';
import { anIndexedCanary } from '../support/indexed-canary.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { seriesOf } from '../support/series-of.ts';
import { aDueStep } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const steps = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, index) => aDueStep(`app-${index}`, { namespace, position: index + 1 }));

async function shownOf(bench: StepBench, outbox: readonly string[] = []) {
  const page = createGaugePage();
  const alerts = openAlertQueue({ redis: bench.redis, prefix: bench.prefix, log });
  const age = createOutboxAge({
    index: { all: () => [anIndexedCanary('a', { outbox })] },
    markers: createSentMarkers(bench),
    clock,
  });
  const sources = createQueueGauges({
    steps: bench.jobs,
    alerts,
    ticks: createTickMark(bench),
    pace: createPaceStore(bench),
    outbox: age,
  });
  for (const source of sources) {
    source.look?.();
    await source.fill(page);
  }
  await alerts.close();
  return { render: async () => page.render() };
}

test.serial('jobs are shown by queue and state, those of tenants by namespace', async (t) => {
  const bench = aBench();
  await bench.queue.addDue([...steps('big', 30), ...steps('small', 2)]);
  await bench.queue.addDue([aDueStep('later', { dueAt: clock.now() + 60_000 })]);
  const metrics = await shownOf(bench);
  t.deepEqual(
    (await seriesOf(metrics, 'aviary_queue_jobs')).filter((line) => !line.endsWith(' 0')),
    ['aviary_queue_jobs{queue="steps",state="waiting"} 32', 'aviary_queue_jobs{queue="steps",state="delayed"} 1'],
  );
  t.is((await seriesOf(metrics, 'aviary_queue_jobs')).length, 8, 'four states of two queues');
  t.deepEqual(await seriesOf(metrics, 'aviary_queue_waiting_steps'), [
    'aviary_queue_waiting_steps{namespace="big"} 30',
    'aviary_queue_waiting_steps{namespace="small"} 2',
    `aviary_queue_waiting_steps{namespace="${otherTenants}"} 0`,
  ]);
});

test.serial('however many tenants wait, few are named, and the sum stays right', async (t) => {
  const bench = aBench();
  for (let tenant = 0; tenant < 20; tenant += 1) await bench.queue.addDue(steps(`team-${tenant}`, tenant + 1));
  const shown = await waitingByTenant(bench.jobs, { named: 3, mostIds: 20_000 });
  t.deepEqual(
    [...shown],
    [
      ['team-19', 20],
      ['team-18', 19],
      ['team-17', 18],
      [otherTenants, 153],
    ],
  );
  const cut = await waitingByTenant(bench.jobs, { named: 3, mostIds: 20 });
  t.is(
    [...cut.values()].reduce((sum, count) => sum + count, 0),
    210,
  );
});

test.serial('the last tick is known although its scheduler has ended', async (t) => {
  const bench = aBench();
  t.deepEqual(await seriesOf(await shownOf(bench), 'aviary_scheduler_last_tick_timestamp_seconds'), []);
  const startedAt = clock.now();
  const tick = createTick({
    source: async () => [],
    queue: bench.queue,
    mark: createTickMark(bench),
    clock,
    horizonMs: 30_000,
    log,
  });
  await tick(new AbortController().signal);
  const [line = ''] = await seriesOf(await shownOf(bench), 'aviary_scheduler_last_tick_timestamp_seconds');
  const shown = Number(line.split(' ')[1]) * 1_000;
  t.true(shown >= startedAt && shown <= clock.now(), line);
});

test.serial('what was delivered does not count as waiting in an outbox', async (t) => {
  const bench = aBench();
  await bench.jobs.waitUntilReady();
  await createSentMarkers(bench).mark(['delivered']);
  const metrics = await shownOf(bench, ['delivered', 'waiting']);
  t.deepEqual(await seriesOf(metrics, 'aviary_outbox_announcements'), ['aviary_outbox_announcements 1']);
});

test.serial('the last value of a metric is the same for every worker, durations in seconds', async (t) => {
  const { redis, prefix, jobs } = aBench();
  await jobs.waitUntilReady();
  const [one, other] = [createAnalysisValues({ redis, prefix, log }), createAnalysisValues({ redis, prefix, log })];
  const canary = aCanary({
    analysis: {
      metrics: [
        { name: 'request-duration', interval: '1m' },
        { name: 'a/b', interval: '1m', query: 'x' },
      ],
    },
  });
  const [duration, custom] = canary.spec.analysis.metrics;
  if (duration === undefined || custom === undefined) throw new Error('expected the two metrics of the Canary');
  one.note(canary, { metric: duration, part: 'builtin' }, 120);
  one.note(canary, { metric: custom, part: 'query' }, 1);
  other.note(canary, { metric: custom, part: 'query' }, 7);
  const values = await waitFor({
    what: 'the values to be noted',
    seconds: 5,
    look: async () => {
      const all = await one.all();
      return all.some(({ value }) => value === 7) && all.length === 2 ? all : undefined;
    },
  });
  const target = { namespace: 'test', name: 'podinfo' };
  t.deepEqual(
    values.toSorted((a, b) => a.value - b.value),
    [
      { ...target, metric: 'request-duration', value: 0.12 },
      { ...target, metric: 'a/b', value: 7 },
    ],
  );
  await other.forget(values);
  t.deepEqual(await one.all(), []);
});
