/** What a process asks of the Kubernetes API. */
import type { RequestObserver } from './client.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RequestRate } from './request-rate.ts';

/** Seconds; a call is bounded by ten. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRequestMetrics(metrics: Pick<Metrics, 'counter' | 'histogram'>): RequestObserver {
  const requests = metrics.counter({
    name: 'aviary_kubernetes_requests_total',
    help: 'Requests to the Kubernetes API by what came back.',
    labels: ['verb', 'resource', 'code'],
  });
  const duration = metrics.histogram({
    name: 'aviary_kubernetes_request_duration_seconds',
    help: 'Time of one request to the Kubernetes API; of a watch, until the API server has accepted it.',
    labels: ['verb', 'resource'],
    buckets,
  });
  return ({ verb, resource, code, durationMs }) => {
    requests.inc({ verb, resource, code: String(code) });
    duration.observe({ verb, resource }, durationMs / 1_000);
  };
}

export function tellRequestRate(metrics: Pick<Metrics, 'gauge'>, rate: Pick<RequestRate, 'allowed'>): void {
  const allowed = metrics.gauge({
    name: 'aviary_kubernetes_allowed_requests_per_second',
    help: 'Requests to the Kubernetes API that the process allows itself: less than KUBERNETES_QPS after refusals.',
    collect: (): void => allowed.set(rate.allowed()),
  });
}
