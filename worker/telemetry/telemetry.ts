/** The worker's own metrics of what it does. Sums over all workers are right; labels have few values. */
import type { StepReport } from '../../queue/step-job.ts';
import type { RequestObserver } from '../../platform/kubernetes/client.ts';
import type { Metrics } from '../../platform/observability/metrics.ts';
import { createRequestMetrics } from '../../platform/kubernetes/request-metrics.ts';
import type { QueryObserver } from '../metrics/observed-provider.ts';
import type { JobObservation } from '../jobs/processor.ts';
import type { HookObserver } from '../webhooks/call.ts';

export interface Telemetry {
  stepEnded(observation: JobObservation): void;
  stepFailed(): void;
  canaryBusy(): void;
  alertGivenUp(): void;
  readonly hookCalled: HookObserver;
  readonly metricQueried: QueryObserver;
  readonly requestSent: RequestObserver;
}

const stepBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createTelemetry(metrics: Metrics): Telemetry {
  return {
    ...stepTelemetry(metrics),
    ...checkTelemetry(metrics),
    requestSent: createRequestMetrics(metrics),
  };
}

type StepTelemetry = Pick<Telemetry, 'stepEnded' | 'stepFailed' | 'canaryBusy' | 'alertGivenUp'>;

function stepTelemetry(metrics: Metrics): StepTelemetry {
  const steps = metrics.counter({
    name: 'aviary_steps_total',
    help: 'Jobs of the steps queue by outcome; reason says why one was skipped.',
    labels: ['outcome', 'reason'],
  });
  const duration = metrics.histogram({
    name: 'aviary_step_duration_seconds',
    help: 'Time from taking a job to its end.',
    buckets: stepBuckets,
  });
  const lag = metrics.histogram({
    name: 'aviary_step_lag_seconds',
    help: 'Time from the moment a slot was due until a worker came to its job, in time or not.',
    buckets: stepBuckets,
  });
  const busy = metrics.counter({
    name: 'aviary_steps_postponed_total',
    help: 'Jobs put back because another worker was at the canary.',
  });
  const failed = metrics.counter({ name: 'aviary_steps_failed_total', help: 'Jobs that failed for good.' });
  const givenUp = metrics.counter({
    name: 'aviary_alerts_given_up_total',
    help: 'Alerts that their receiver did not take in any attempt.',
  });
  return {
    stepEnded: ({ report, durationMs, lagMs }) => {
      steps.inc({ outcome: report.outcome, reason: reasonOf(report) });
      duration.observe(durationMs / 1_000);
      if (lagMs !== undefined) lag.observe(lagMs / 1_000);
    },
    stepFailed: () => failed.inc(),
    canaryBusy: () => busy.inc(),
    alertGivenUp: () => givenUp.inc(),
  };
}

const reasonOf = ({ reason }: StepReport): string => reason ?? '';

function checkTelemetry(metrics: Metrics): Pick<Telemetry, 'hookCalled' | 'metricQueried'> {
  const hooks = metrics.histogram({
    name: 'aviary_hook_duration_seconds',
    help: 'Time of a call of a webhook, attempts and pauses included: passed, refused, or unanswered.',
    labels: ['type', 'outcome'],
    buckets: stepBuckets,
  });
  const queries = metrics.histogram({
    name: 'aviary_metric_query_duration_seconds',
    help: 'Time of a query of a metric provider: value, noValues, unavailable, invalid, or error.',
    labels: ['provider', 'outcome'],
    buckets: stepBuckets,
  });
  return {
    hookCalled: ({ type, outcome, durationMs }) => hooks.observe({ type, outcome }, durationMs / 1_000),
    metricQueried: ({ provider, outcome, durationMs }) => queries.observe({ provider, outcome }, durationMs / 1_000),
  };
}
