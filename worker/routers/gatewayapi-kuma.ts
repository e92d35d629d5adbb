/** Kuma as the controller of an HTTPRoute. Pure. Rules: routers/kuma.md section 6. */
import type { Canary } from '../../canary/canary.ts';
import { arrayAt, stringAt } from '../../platform/json.ts';
import { nameOf, type KubernetesObject } from '../../platform/kubernetes/object.ts';

const controller = 'gateways.kuma.io/controller';

/** What the Canary asks of its route and Kuma drops without a word; undefined when another controller has the route. */
export function droppedByKuma(live: KubernetesObject | undefined, { spec }: Canary): string | undefined {
  if (live === undefined) return undefined;
  const isKumas = arrayAt(live, 'status', 'parents').some(
    (parent) =>
      stringAt(parent, 'controllerName') === controller && stringAt(parent, 'parentRef', 'kind') === 'Service',
  );
  const fields = Object.entries({
    'spec.analysis.sessionAffinity': spec.analysis.sessionAffinity,
    'spec.service.corsPolicy': spec.service.corsPolicy,
    'spec.service.timeout': spec.service.timeout,
    'spec.service.backendTimeout': spec.service.backendTimeout,
  }).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  if (!isKumas || fields.length === 0) return undefined;
  return (
    `HTTPRoute ${nameOf(live.metadata)} is carried out by Kuma, which ignores ${fields.join(', ')}: ` +
    'remove it, or use a Gateway whose controller supports it'
  );
}
