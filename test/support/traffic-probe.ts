/**
 * Asks again and again where the traffic of a Canary would go at this moment, from what a real cluster says: by the route
 * while there is one, else by the apex Service. A share without a ready endpoint is lost traffic.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { endpointSlices } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { find } from './stored-object.ts';

export interface TrafficProbe {
  /** Ends the asking; every loss that was seen, in words. Empty is as it should be. */
  stop(): Promise<readonly string[]>;
}

export interface Probed {
  readonly namespace: string;
  readonly apex: string;
  /** The kind of its route; left out where there is none. */
  readonly route?: Resource;
}

const everyMs = 30;
/** No Service has this name: a route that leads nowhere loses all traffic. */
const nobody = 'nobody';

export function probeTraffic(user: KubernetesClient, probed: Probed): TrafficProbe {
  const controller = new AbortController();
  const losses = new Set<string>();
  const running = (async () => {
    while (!controller.signal.aborted) {
      for (const service of await lostShares(user, probed)) losses.add(service);
      await pause(everyMs);
    }
  })();
  running.catch(() => undefined);
  return {
    stop: async () => {
      controller.abort();
      await running;
      return [...losses];
    },
  };
}

/**
 * Services that have a share at this moment and no ready endpoint. Shares and endpoints are two answers: they are compared
 * only when the shares were the same before and after the endpoints.
 */
export async function lostShares(user: KubernetesClient, probed: Probed): Promise<readonly string[]> {
  let before = await servicesOf(user, probed);
  for (;;) {
    const { items } = await user.list(endpointSlices, { namespace: probed.namespace });
    const after = await servicesOf(user, probed);
    if (after.join() === before.join()) {
      return after.filter((service) => !items.some((slice) => isReady(slice, service)));
    }
    before = after;
  }
}

const isReady = (slice: KubernetesObject, service: string): boolean =>
  slice.metadata.labels?.['kubernetes.io/service-name'] === service &&
  arrayAt(slice, 'endpoints').some((endpoint) => valueAt(endpoint, 'conditions', 'ready') !== false);

async function servicesOf(user: KubernetesClient, { namespace, apex, route }: Probed): Promise<readonly string[]> {
  if (route === undefined) return [apex];
  const live = await find(user, route, { namespace, name: apex });
  if (live === undefined) return [apex];
  const shares = backendsOf(live).flatMap((ref) => (valueAt(ref, 'weight') === 0 ? [] : [nameOf(ref)]));
  return shares.length === 0 ? [nobody] : shares;
}

/** Of the first rule, of an HTTPRoute or a MeshHTTPRoute. */
const backendsOf = (live: KubernetesObject): readonly unknown[] => [
  ...arrayAt(live, 'spec', 'rules', 0, 'backendRefs'),
  ...arrayAt(live, 'spec', 'to', 0, 'rules', 0, 'default', 'backendRefs'),
];

/** Kuma 2.x writes `podinfo-canary_shop_svc_9898`. */
const nameOf = (ref: unknown): string => (stringAt(ref, 'name') ?? '').split('_')[0] ?? '';
