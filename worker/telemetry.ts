/** The worker's metrics: the reference's under its names, and our own. Sums over all workers are right. */
import { strategyOf } from '../canary/spec.ts';
import type { Canary } from '../canary/canary.ts';
import type { StepReport } from '../queue/step-job.ts';
import type { RequestObservation } from '../platform/kubernetes-client.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { CountAnnouncement } from './announce.ts';
import type { JobObservation } from './processor.ts';

export interface Telemetry {
  stepEnded(observation: JobObservation): void;
  stepFailed(): void;
  canaryBusy(): void;
  alertGivenUp(): void;
  /** A run ended: the reference's counters of successes and failures. */
  runEnded(canary: Canary, count: CountAnnouncement): void;
  requestSent(observation: RequestObservation): void;
}

const stepBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createTelemetry(metrics: Metrics): Telemetry {
  return { ...stepTelemetry(metrics), ...runTelemetry(metrics), ...requestTelemetry(metrics) };
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
    help: 'Time from the moment a slot was due to the start of its step.',
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

function runTelemetry(metrics: Metrics): Pick<Telemetry, 'runEnded'> {
  const labels = ['name', 'namespace', 'deployment_strategy', 'analysis_status'] as const;
  const counters = {
    success: metrics.counter({
      name: 'flagger_canary_successes_total',
      help: 'Total number of canary successes',
      labels,
    }),
    failure: metrics.counter({
      name: 'flagger_canary_failures_total',
      help: 'Total number of canary failures',
      labels,
    }),
  };
  return {
    runEnded: ({ namespace, spec }, { outcome, analysis }) =>
      counters[outcome].inc({
        name: spec.target.name,
        namespace,
        deployment_strategy: strategyOf(spec.analysis),
        analysis_status: analysis,
      }),
  };
}

function requestTelemetry(metrics: Metrics): Pick<Telemetry, 'requestSent'> {
  const requests = metrics.counter({
    name: 'aviary_kubernetes_requests_total',
    help: 'Requests to the Kubernetes API by what came back.',
    labels: ['verb', 'resource', 'code'],
  });
  return { requestSent: ({ verb, resource, code }) => requests.inc({ verb, resource, code: String(code) }) };
}
