/** What Prometheus is told of one pod, by the annotations that its own example configuration made the custom. */
import { stringAt } from '../../platform/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../platform/kubernetes/object.ts';

/** One entry of Prometheus' HTTP service discovery. */
export interface ScrapeTarget {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The target that a pod offers: annotations `prometheus.io/scrape: "true"`, `prometheus.io/port`, and if need be
 * `prometheus.io/path` (else `/metrics`) and `prometheus.io/scheme` (else `http`). Series carry the pod's labels,
 * `kubernetes_namespace` and `kubernetes_pod_name`.
 *
 * A running pod counts whether or not it is ready: a release that fails its readiness must not hide its errors, and
 * Prometheus, which takes up to ten seconds to begin with a new target, hears of it before its first request. A pod on
 * its way out does not count.
 */
export function scrapeTarget(pod: KubernetesObject): ScrapeTarget | undefined {
  const { metadata } = pod;
  const address = stringAt(pod, 'status', 'podIP');
  const isRunning = stringAt(pod, 'status', 'phase') === 'Running' && metadata.deletionTimestamp === undefined;
  const port = offeredPort(metadata.annotations);
  if (!isRunning || address === undefined || port === undefined) return undefined;
  const host = address.includes(':') ? `[${address}]` : address;
  return { targets: [`${host}:${port}`], labels: labelsOf(metadata) };
}

function offeredPort(annotations: ObjectMeta['annotations']): number | undefined {
  if (annotations?.['prometheus.io/scrape'] !== 'true') return undefined;
  const text = annotations['prometheus.io/port'] ?? '';
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function labelsOf({ name, namespace = '', labels = {}, annotations = {} }: ObjectMeta): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [labelName(key), value])),
    __metrics_path__: annotations['prometheus.io/path'] ?? '/metrics',
    __scheme__: annotations['prometheus.io/scheme'] ?? 'http',
    kubernetes_namespace: namespace,
    kubernetes_pod_name: name,
  };
}

/** A label of Kubernetes under a name that Prometheus takes, as its `labelmap` does it. */
const labelName = (key: string): string => key.replace(/\W/g, '_').replace(/^(?=\d)/, '_');
