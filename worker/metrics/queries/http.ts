/** What applications export about themselves; for providers without statistics of their own. Specification of metrics, section 3. */
import type { QuerySet } from './query-set.ts';

const group = '[0-9a-zA-Z]+';

/** Pods of a Deployment carry two hashes after its name, those of a DaemonSet one; so neither matches the primary's. */
const httpOf = (podSuffix: string): QuerySet => {
  const pods = `kubernetes_namespace="{{ namespace }}",kubernetes_pod_name=~"{{ target }}-${podSuffix}"`;
  return {
    queries: {
      'request-success-rate': `
        sum(rate(http_request_duration_seconds_count{${pods},status!~"5.*"}[{{ interval }}]))
        / sum(rate(http_request_duration_seconds_count{${pods}}[{{ interval }}])) * 100`,
      'request-duration': `
        histogram_quantile(0.99,
          sum(rate(http_request_duration_seconds_bucket{${pods}}[{{ interval }}])) by (le))`,
    },
    durationUnit: 'seconds',
    tellsErrorsBare: true,
  };
};

export const http: QuerySet = httpOf(`${group}(-${group})`);
export const httpOfDaemonSet: QuerySet = httpOf(group);
