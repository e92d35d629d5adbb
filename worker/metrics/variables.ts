/** What the templates of queries may say about a canary. Specification of metrics, section 8. */
import type { Canary } from '../../canary/canary.ts';
import type { Metric } from '../../canary/spec.ts';
import type { TemplateVariables } from './template.ts';

/** @param mesh the Kuma mesh that carries the canary's traffic */
export function variablesOf(canary: Canary, metric: Metric, mesh: string): TemplateVariables {
  const { spec } = canary;
  return {
    texts: {
      name: canary.name,
      namespace: canary.namespace,
      target: spec.target.name,
      service: spec.service.name,
      ingress: spec.ingressName ?? spec.target.name,
      route: spec.routeName ?? spec.target.name,
      interval: metric.interval,
      mesh,
      port: String(spec.service.port),
      portName: spec.service.portName,
    },
    variables: metric.templateVariables,
  };
}
