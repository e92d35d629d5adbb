/** What Prometheus is shown and which alerts must follow. */
import { at, but, healthy, raised } from './rule-series.ts';
import type { RuleTest } from './rule-series.ts';

const everyAlert = [
  'AviaryNoWorker',
  'AviaryRedisAway',
  'AviarySchedulerSilent',
  'AviaryStepsLate',
  'AviaryStepsSkipped',
  'AviaryIntervalsStretched',
  'AviaryStepsFailed',
  'AviaryRedisFull',
  'AviaryAlertsGivenUp',
  'AviaryOutboxOld',
  'AviaryWatchSilent',
  'AviaryEventLoopBusy',
];

const info = 'flagger_info{version="1",mesh_provider="kuma"}';

const noWorker = {
  summary: 'No worker of Aviary runs',
  description: 'No canary is stepped. Look at the pods of Deployment aviary-worker and at Redis.',
};

const noTick = {
  summary: 'No scheduler of Aviary has ticked for five minutes',
  description: 'Canaries take no new steps. Look at CronJob or Deployment aviary-scheduler.',
};

const tests: readonly RuleTest[] = [
  {
    name: 'all is well',
    interval: '1m',
    input_series: healthy,
    alert_rule_test: everyAlert.map((name) => at('50m', name)),
  },
  {
    name: 'no worker',
    interval: '1m',
    input_series: but({
      [info]: '1x10',
      'aviary_step_lag_seconds_count{instance="worker-1"}': '0+100x10',
      'aviary_step_lag_seconds_count{instance="worker-2"}': '0x10',
    }),
    alert_rule_test: [
      at('15m', 'AviaryNoWorker'),
      at('30m', 'AviaryNoWorker', raised('critical', noWorker)),
      at('30m', 'AviaryRedisAway'),
    ],
  },
  {
    name: 'workers that have not read the Canaries, for want of the API server, take no lease in Redis',
    interval: '1m',
    input_series: but({
      [info]: '',
      'aviary_watch_unsynced{instance="worker-1",resource="canaries.flagger.app"}': '1x60',
      'aviary_watch_unsynced{instance="worker-2",resource="canaries.flagger.app"}': '1x60',
    }),
    alert_rule_test: [at('30m', 'AviaryNoWorker', raised('critical', noWorker)), at('30m', 'AviaryRedisAway')],
  },
  {
    name: 'Redis is away, and one worker may not read all of its namespaces',
    interval: '1m',
    input_series: but({
      [info]: '1x10',
      'aviary_watch_unsynced{instance="worker-2",resource="canaries.flagger.app"}': '1x60',
    }),
    alert_rule_test: [
      at('15m', 'AviaryRedisAway'),
      ...['20m', '50m'].map((time) => at(time, 'AviaryNoWorker')),
      at(
        '50m',
        'AviaryRedisAway',
        raised('critical', {
          summary: 'Redis is away, or takes no writes',
          description: 'No canary is stepped, though workers run. Their log says why ("redis connection failed").',
        }),
      ),
    ],
  },
  {
    name: 'no tick for a while',
    interval: '1m',
    input_series: but({ aviary_scheduler_last_tick_timestamp_seconds: '0+60x10 600x50' }),
    alert_rule_test: [
      at('14m', 'AviarySchedulerSilent'),
      at('20m', 'AviarySchedulerSilent', raised('critical', noTick)),
    ],
  },
  {
    name: 'no tick ever',
    interval: '1m',
    input_series: but({ aviary_scheduler_last_tick_timestamp_seconds: '' }),
    alert_rule_test: [at('1m', 'AviarySchedulerSilent'), at('5m', 'AviarySchedulerSilent', raised('critical', noTick))],
  },
  {
    name: 'intervals are stretched for long enough, and nothing is late or skipped',
    interval: '1m',
    input_series: but({ aviary_interval_stretch_ratio: '1x9 3.33x50' }),
    alert_rule_test: [
      at('15m', 'AviaryIntervalsStretched'),
      at(
        '25m',
        'AviaryIntervalsStretched',
        raised('warning', {
          summary: 'Of 3.33 slots of each canary one is taken',
          description:
            'Workers do not keep up, so all intervals are stretched, and hardly a step is late or skipped any more. Add workers.',
        }),
      ),
      at('25m', 'AviaryStepsLate'),
      at('25m', 'AviaryStepsSkipped'),
    ],
  },
  {
    name: 'what goes wrong with single steps and parts',
    interval: '1m',
    input_series: but({
      'aviary_step_lag_seconds_bucket{le="0.1"}': '0x60',
      'aviary_steps_total{outcome="skipped",reason="slotPassed"}': '0+1x60',
      aviary_steps_failed_total: '0x20 1x40',
      'aviary_scheduler_relief_jobs_total{state="completed"}': '0x20 4000x40',
      aviary_alerts_given_up_total: '0x20 2x40',
      aviary_outbox_oldest_seconds: '0x20 900x40',
      'aviary_watch_silence_seconds{pod="worker-1",resource="canaries.flagger.app"}': '0x20 240x40',
      'nodejs_eventloop_lag_p99_seconds{namespace="aviary-system",pod="worker-1"}': '0.05x20 0.8x40',
    }),
    alert_rule_test: [
      at(
        '15m',
        'AviaryStepsLate',
        raised('warning', {
          summary: 'Steps begin 29.7s after they are due',
          description: 'Workers are too few, or busy. Raise CONCURRENCY or the number of workers.',
        }),
      ),
      at(
        '30m',
        'AviaryStepsSkipped',
        raised('warning', {
          summary: 'Slots of canaries pass without a step',
          description: 'Workers are too few or were away. Releases take longer than their Canaries say.',
        }),
      ),
      at('20m', 'AviaryStepsFailed'),
      at(
        '25m',
        'AviaryStepsFailed',
        raised('warning', {
          summary: 'Steps have failed for good',
          description: 'The log of the workers has the reason ("step failed"); the next slot tries again.',
        }),
      ),
      at('50m', 'AviaryStepsFailed'),
      at('20m', 'AviaryRedisFull'),
      at(
        '25m',
        'AviaryRedisFull',
        raised('warning', {
          summary: 'Redis has reached its maxmemory',
          description:
            'Finished jobs were removed to make room. Raise maxmemory and the limit of its pod, or shorten HORIZON of a resident scheduler and the workers.',
        }),
      ),
      at(
        '25m',
        'AviaryAlertsGivenUp',
        raised('warning', {
          summary: 'A receiver did not take an alert in any attempt',
          description: 'A Warning on the Canary names the receiver.',
        }),
      ),
      at('25m', 'AviaryOutboxOld'),
      at(
        '30m',
        'AviaryOutboxOld',
        raised('warning', {
          summary: 'An event or alert has waited for 15m 0s to be delivered',
          description: 'A receiver, Redis or the API server does not take it. The log says "not announced".',
        }),
      ),
      at(
        '30m',
        'AviaryWatchSilent',
        raised(
          'warning',
          {
            summary: 'worker-1 hears nothing of canaries.flagger.app from the API server',
            description:
              'What it knows of the cluster grows old. Look at the API server, and at "watch interrupted" in its log.',
          },
          { pod: 'worker-1', resource: 'canaries.flagger.app' },
        ),
      ),
      at(
        '30m',
        'AviaryEventLoopBusy',
        raised(
          'warning',
          {
            summary: 'worker-1 is too busy to answer in time',
            description: 'Give it more CPU, or add workers.',
          },
          { pod: 'worker-1' },
        ),
      ),
    ],
  },
];

export const ruleScenario = { evaluation_interval: '1m', tests } as const;
