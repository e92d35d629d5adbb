/** What the templates of queries may say about a canary. Specification of metrics, section 8. */
import type { Canary } from '../../canary/canary.ts';
import type { Metric } from '../../canary/spec.ts';
import type { TemplateVariables } from './template.ts';

export interface RoutingNames {
  /** The Kuma mesh that carries the canary's traffic. */
  readonly mesh: string;
  /** What stands for the canary in the routes of a provider that names it by itself. */
  readonly route?: string | undefined;
}

/** All texts are as in the spec, `interval` included: a Go duration such as `1m30s`. */
export function variablesOf(canary: Canary, metric: Metric, { mesh, route }: RoutingNames): TemplateVariables {
  const { spec } = canary;
  return {
    texts: {
      name: canary.name,
      namespace: canary.namespace,
      target: spec.target.name,
      service: spec.service.name,
      ingress: spec.ingressName ?? spec.target.name,
      route: route ?? spec.routeName ?? spec.target.name,
      interval: metric.interval,
      mesh,
      port: String(spec.service.port),
      portName: spec.service.portName,
    },
    variables: metric.templateVariables,
  };
}
