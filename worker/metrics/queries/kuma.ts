/**
 * Statistics of the client proxies of Kuma, of every version and naming scheme. Why not the reference's queries:
 * specification of the provider kuma, section 8.
 */
import type { QuerySet } from './query-set.ts';

const legacy = '{{ service }}-canary_{{ namespace }}_svc_{{ port }}(-[0-9a-f]+)?';
const meshService = '{{ mesh }}_{{ service }}-canary_{{ namespace }}_[^_]*_msvc_{{ port }}';
const unified = 'kri_msvc_{{ mesh }}_[^_]*_{{ namespace }}_{{ service }}-canary_({{ portName }}|{{ port }})';

const canary = `mesh=~"{{ mesh }}|",envoy_cluster_name=~"${legacy}|${meshService}|${unified}"`;

export const kuma: QuerySet = {
  queries: {
    'request-success-rate': `
      sum(rate(envoy_cluster_upstream_rq{${canary},envoy_response_code!~"5.."}[{{ interval }}]))
      / sum(rate(envoy_cluster_upstream_rq{${canary}}[{{ interval }}])) * 100`,
    'request-duration': `
      histogram_quantile(0.99,
        sum(rate(envoy_cluster_upstream_rq_time_bucket{${canary}}[{{ interval }}])) by (le))`,
  },
  durationUnit: 'milliseconds',
  tellsErrorsBare: false,
};
