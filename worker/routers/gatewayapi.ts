import type { Weights } from '../../canary/canary.ts';
import { recordAt } from '../../platform/json.ts';
import { nameOf, type KubernetesObject } from '../../platform/kubernetes-object.ts';
import { AdapterError, type StepContext } from '../context.ts';
import {
  appliedAnnotation,
  appliedNote,
  liveCanaryShare,
  mergedRules,
  namesBothServices,
  rulesToApex,
} from './gatewayapi-merge.ts';
import { whyNotReady } from './gatewayapi-readiness.ts';
import { httpRoute, ownRules, type GatewayApiVersion } from './gatewayapi-route.ts';
import { ensureRouteObject, type RouteCluster } from './route-object.ts';
import { restoreRouteObject } from './route-restore.ts';
import type { Router } from './router.ts';

export interface GatewayApiRouterOptions {
  readonly cluster: RouteCluster;
  readonly version: GatewayApiVersion;
}

/** Gateway API: one HTTPRoute per Canary, in which users may keep rules and filters of their own. */
export function createGatewayApiRouter({ cluster, version }: GatewayApiRouterOptions): Router {
  return {
    async ensure(step, weights) {
      const { canary } = step;
      const own = ownRules(canary, weights, version);
      const desired = withNote(httpRoute(canary, weights, version), appliedNote(own));
      await ensureRouteObject(cluster, step, {
        resource: version.resource,
        desired,
        namesOurServices: (live) => namesBothServices(live, canary),
        within: (live) => withRules(desired, mergedRules(live, own, canary)),
        inspect: (live) => awaitParents(live, step, weights),
      });
      return {};
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

/** Traffic goes to the canary only over a route that its gateways have taken up; back to the primary it may always go. */
function awaitParents(live: KubernetesObject | undefined, { canary }: StepContext, weights: Weights): void {
  if (live === undefined) return;
  const leaves = weights.canary < liveCanaryShare(live, canary);
  if (leaves || (weights.canary === 0 && !weights.mirrored)) return;
  const reason = whyNotReady(live, canary);
  if (reason === undefined) return;
  throw new AdapterError('unavailable', `HTTPRoute ${nameOf(live.metadata)} is not ready: ${reason}`);
}
