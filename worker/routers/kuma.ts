import type { RestoredRoutes, RouteAnswer } from '../../canary/action.ts';
import { canaryServiceName, type Canary, type Weights } from '../../canary/canary.ts';
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { meshHttpRoutes, trafficRoutes } from '../../platform/kubernetes/resources.ts';
import { AdapterError, type StepContext } from '../context.ts';
import {
  awaitMeshServices,
  createDialectDetector,
  hasMeshServices,
  meshOf,
  zoneOf,
  type DialectKind,
} from './kuma-cluster.ts';
import { meshHttpRoute, type KumaDialect } from './kuma-dialect.ts';
import { mirroringOf } from './kuma-mirror.ts';
import { createNeighbours, type Neighbours } from './kuma-neighbours.ts';
import { isTrafficRouteOf, splitToCanary, trafficRoute } from './kuma-traffic-route.ts';
import { ensureRouteObject, type RouteCluster } from './route-object.ts';
import { restoreRouteObject, type RouteRemains } from './route-restore.ts';
import type { Router } from './router.ts';

export interface KumaRouterOptions {
  readonly cluster: RouteCluster;
  /** `auto` reads it from the cluster's definition of MeshHTTPRoute. */
  readonly dialect: 'auto' | KumaDialect['kind'];
}

/** Kuma: one MeshHTTPRoute per Canary, or a TrafficRoute where the mesh has nothing newer. */
export function createKumaRouter({ cluster, dialect }: KumaRouterOptions): Router {
  const detect = createDialectDetector(cluster);
  const surroundings = { cluster, neighbours: createNeighbours(cluster) };
  return {
    async ensure(step, weights) {
      const mesh = await meshOf(cluster, step);
      const kind = dialect === 'auto' ? await detect.dialect(step) : dialect;
      try {
        return await ensureRoute(surroundings, step, { weights, mesh, kind });
      } catch (error) {
        if (dialect !== 'auto' || !isUnsupported(error)) throw error;
        // Kuma may have been upgraded since its definitions were read.
        detect.forget();
        const now = await detect.dialect(step);
        if (now === kind) throw error;
        return await ensureRoute(surroundings, step, { weights, mesh, kind: now });
      }
    },
    restore: (step) => restoreRoutes(cluster, step),
  };
}

const isUnsupported = (error: unknown): boolean => error instanceof AdapterError && error.reason === 'unsupported';

interface Wanted {
  readonly weights: Weights;
  readonly mesh: string;
  readonly kind: DialectKind;
}

/** What a write says, and what else in the mesh bears on the route. */
type Told = RouteAnswer & { readonly warnings: readonly string[] };

interface Surroundings {
  readonly cluster: RouteCluster;
  readonly neighbours: Neighbours;
}

async function ensureRoute(surroundings: Surroundings, step: StepContext, wanted: Wanted): Promise<RouteAnswer> {
  const { kind, mesh } = wanted;
  const { canary } = step;
  const mirroring = mirroringOf(canary, wanted.weights, kind);
  if (mirroring.kind === 'refused') throw new AdapterError('unsupported', mirroring.why);
  const { mirrored, warnings } = mirroring;
  const weights = { ...wanted.weights, mirrored };
  if (kind !== 'trafficRoute') {
    const answer = await ensureMeshRoute(surroundings, step, { weights, mesh, kind });
    return { ...answer, warnings: [...warnings, ...answer.warnings] };
  }
  const { tookTraffic } = await ensureRouteObject(surroundings.cluster, step, {
    resource: trafficRoutes,
    desired: trafficRoute(canary, weights, mesh),
    namesOurServices: (live) => isTrafficRouteOf(live, canary),
    canaryShare: (live) => splitToCanary(live, canary),
  });
  return { tookTraffic, warnings };
}

async function ensureMeshRoute(
  { cluster, neighbours }: Surroundings,
  step: StepContext,
  { weights, mesh, kind }: Wanted & { readonly kind: KumaDialect['kind'] },
): Promise<Told> {
  const { canary } = step;
  const zone = kind === 'v3' ? await zoneOf(cluster, step) : undefined;
  let opens = false;
  const { tookTraffic } = await ensureRouteObject(cluster, step, {
    resource: meshHttpRoutes,
    desired: meshHttpRoute(canary, weights, { kind, mesh, ...(zone === undefined ? {} : { zone }) }),
    namesOurServices: (live) => namesCanary(live, canary),
    canaryShare,
    inspect: async (live) => {
      opens = (weights.canary > 0 || weights.mirrored) && (live === undefined || canaryShare(live) === 0);
      if (opens && (await hasMeshServices(cluster, step, { kind, mesh }))) await awaitMeshServices(cluster, step);
    },
  });
  const old = kind === 'v2' ? await neighbours.trafficRoutes(step, mesh) : [];
  const rivals = opens ? await neighbours.rivals(step, mesh) : [];
  return { tookTraffic, warnings: [...old, ...rivals] };
}

const backendRefs = (live: KubernetesObject): readonly unknown[] =>
  arrayAt(live, 'spec', 'to', 0, 'rules', 0, 'default', 'backendRefs');

/** Names of the Services in the first rule, whichever dialect it is written in. */
const backendNames = (live: KubernetesObject): readonly (string | undefined)[] =>
  backendRefs(live).map(
    (ref) => stringAt(ref, 'labels', 'kuma.io/display-name') ?? stringAt(ref, 'name')?.split('_')[0],
  );

const namesCanary = (live: KubernetesObject, canary: Canary): boolean =>
  backendNames(live).includes(canaryServiceName(canary));

const canaryShare = (live: KubernetesObject): number => numberAt(backendRefs(live)[1], 'weight') ?? 0;

/** Of both kinds, for a mesh may have been upgraded since. */
async function restoreRoutes(cluster: RouteCluster, step: StepContext): Promise<RestoredRoutes> {
  const { canary } = step;
  const { namespace } = canary;
  const { name } = canary.spec.service;
  const kinds = [
    { resource: meshHttpRoutes, name: { namespace, name }, namesOurServices: (live) => namesCanary(live, canary) },
    { resource: trafficRoutes, name: { name }, namesOurServices: (live) => isTrafficRouteOf(live, canary) },
  ] satisfies RouteRemains[];
  const parts = await Promise.all(kinds.map((kind) => restoreRouteObject(cluster, step, kind)));
  return { changed: parts.some(({ changed }) => changed) };
}
