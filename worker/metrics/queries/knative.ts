/**
 * Statistics of the Envoys of Kourier, Contour and Istio about the revision that is analysed. Specification of metrics,
 * section 3.
 */
import type { QuerySet } from './query-set.ts';

const canary = 'envoy_cluster_name=~"{{ namespace }}/{{ route }}"';

export const knative: QuerySet = {
  queries: {
    'request-success-rate': `
      sum(rate(envoy_cluster_upstream_rq{${canary},envoy_response_code!~"5.*"}[{{ interval }}]))
      / sum(rate(envoy_cluster_upstream_rq{${canary}}[{{ interval }}])) * 100`,
    'request-duration': `
      histogram_quantile(0.99,
        sum(rate(envoy_cluster_upstream_rq_time_bucket{${canary}}[{{ interval }}])) by (le))`,
  },
  durationUnit: 'milliseconds',
  tellsErrorsBare: false,
};
