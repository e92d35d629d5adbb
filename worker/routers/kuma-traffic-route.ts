/** TrafficRoute, the only route object of meshes older than MeshHTTPRoute. Pure. Why: docs/decisions/0010-traffic-route-for-old-meshes.md. */
import { canaryServiceName, primaryServiceName, type Canary, type Weights } from '../../canary/canary.ts';
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError } from '../context.ts';
import { legacyName } from './kuma-dialect.ts';
import { routeMetadata } from './route-metadata.ts';

const tag = 'kuma.io/service';

/**
 * The TrafficRoute of a Canary. It is cluster-scoped, so it can have no owner in a namespace.
 *
 * @throws AdapterError `unsupported` for what it can't express: matches, header changes, rewrites
 */
export function trafficRoute(canary: Canary, weights: Weights, mesh: string): KubernetesObject {
  refuseInexpressible(canary);
  const { name, labels, annotations } = routeMetadata(canary);
  const share = (service: string, weight: number) => ({
    weight,
    destination: { [tag]: legacyName(service, canary) },
  });
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'TrafficRoute',
    mesh,
    metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: {
      sources: [{ match: { [tag]: '*' } }],
      destinations: [{ match: { [tag]: legacyName(canary.spec.service.name, canary) } }],
      conf: {
        split: [share(primaryServiceName(canary), weights.primary), share(canaryServiceName(canary), weights.canary)],
      },
    },
  };
}

function refuseInexpressible({ spec }: Canary): void {
  const { service, analysis } = spec;
  const fields = {
    'spec.analysis.match': analysis.match.length > 0,
    'spec.service.match': service.match.length > 0,
    'spec.service.headers': service.requestHeaders !== undefined || service.responseHeaders !== undefined,
    'spec.service.rewrite': service.rewrite !== undefined,
  };
  const [field] = Object.entries(fields).find(([, isSet]) => isSet) ?? [];
  if (field === undefined) return;
  throw new AdapterError(
    'unsupported',
    `${field}: this mesh has TrafficRoute only, which can't express it: remove it or upgrade to a Kuma with MeshHTTPRoute`,
  );
}

/** Whether an existing TrafficRoute sends the apex of this Canary to its two Services, in this namespace. */
export function isTrafficRouteOf(live: KubernetesObject, canary: Canary): boolean {
  const shares = arrayAt(live, 'spec', 'conf', 'split').map((share) => stringAt(share, 'destination', tag));
  const wanted = [primaryServiceName(canary), canaryServiceName(canary)].map((service) => legacyName(service, canary));
  return shares.length === wanted.length && wanted.every((name) => shares.includes(name));
}

/** Percent of the traffic that a TrafficRoute gives the canary. */
export function splitToCanary(live: KubernetesObject, canary: Canary): number {
  const service = legacyName(canaryServiceName(canary), canary);
  const share = arrayAt(live, 'spec', 'conf', 'split').find((one) => stringAt(one, 'destination', tag) === service);
  return numberAt(share, 'weight') ?? 0;
}
