import { recordAt } from '../../platform/json.ts';
import { nameOf, type KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError, type StepContext } from '../context.ts';
import {
  appliedAnnotation,
  appliedNote,
  liveCanaryShare,
  mergedRules,
  namesBothServices,
  rulesToApex,
} from './gatewayapi-merge.ts';
import { droppedByKuma } from './gatewayapi-kuma.ts';
import { whyNotReady } from './gatewayapi-readiness.ts';
import { httpRoute, ownRules, type GatewayApiVersion } from './gatewayapi-route.ts';
import { ensureRouteObject, type RouteCluster } from './route-object.ts';
import { restoreRouteObject } from './route-restore.ts';
import type { Router, Routing } from './router.ts';

export interface GatewayApiRouterOptions {
  readonly cluster: RouteCluster;
  readonly version: GatewayApiVersion;
}

/** Gateway API: one HTTPRoute per Canary, in which users may keep rules and filters of their own. */
export function createGatewayApiRouter({ cluster, version }: GatewayApiRouterOptions): Router {
  return {
    async ensure(step, routing) {
      const { canary } = step;
      const own = ownRules(canary, routing, version);
      const desired = withNote(httpRoute(canary, routing, version), appliedNote(own));
      const { route, tookTraffic } = await ensureRouteObject(cluster, step, {
        resource: version.resource,
        desired,
        namesOurServices: (live) => namesBothServices(live, canary),
        canaryShare: (live) => liveCanaryShare(live, canary),
        within: (live) => withRules(desired, mergedRules(live, own, canary)),
        inspect: (live) => awaitParents(live, step, routing),
      });
      const dropped = droppedByKuma(route, canary);
      return { tookTraffic, ...(dropped === undefined ? {} : { warnings: [dropped] }) };
    },
    restore: (step) => {
      const { canary } = step;
      return restoreRouteObject(cluster, step, {
        resource: version.resource,
        name: { namespace: canary.namespace, name: canary.spec.service.name },
        namesOurServices: (live) => namesBothServices(live, canary),
        toApex: (live) => ({ ...recordAt(live, 'spec'), rules: rulesToApex(live, canary) }),
        notes: [appliedAnnotation],
      });
    },
  };
}

function withNote(route: KubernetesObject, note: string | undefined): KubernetesObject {
  if (note === undefined) return route;
  const annotations = { ...route.metadata.annotations, [appliedAnnotation]: note };
  return { ...route, metadata: { ...route.metadata, annotations } };
}

function withRules(route: KubernetesObject, rules: readonly unknown[]): KubernetesObject {
  return { ...route, spec: { ...(route['spec'] as object), rules } };
}

/**
 * Traffic goes to the canary only over a route that its gateways have taken up, by a controller that does what the Canary
 * asks; back to the primary it may always go.
 */
function awaitParents(live: KubernetesObject | undefined, { canary }: StepContext, routing: Routing): void {
  if (live === undefined) return;
  const leaves = routing.canary < liveCanaryShare(live, canary);
  if (leaves || (routing.canary === 0 && !routing.mirrored)) return;
  const dropped = droppedByKuma(live, canary);
  if (dropped !== undefined) throw new AdapterError('unsupported', dropped);
  const reason = whyNotReady(live, canary);
  if (reason === undefined) return;
  throw new AdapterError('unavailable', `HTTPRoute ${nameOf(live.metadata)} is not ready: ${reason}`);
}
