/** What else in a mesh bears on a Canary's route; told, never touched. Rules: routers/kuma.md sections 2 and 7.3. */
import type { Canary } from '../../canary/canary.ts';
import { defaultMesh, meshKey } from '../../canary/mesh.ts';
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { nameOf, type KubernetesObject } from '../../platform/kubernetes/object.ts';
import { meshHttpRoutes, trafficRoutes, type Resource } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { legacyName } from './kuma-dialect.ts';
import type { RouteCluster } from './route-object.ts';

/** Both lists span the cluster; whoever adds to them does so rarely, and a Warning may come a minute late. */
const listsKeptMs = 60_000;

export interface Neighbours {
  /** TrafficRoutes of the mesh: while there is one, Kuma 2.x serves no MeshHTTPRoute. */
  trafficRoutes(step: StepContext, mesh: string): Promise<readonly string[]>;
  /** Routes of others to the same Service, whose rules may win over ours. */
  rivals(step: StepContext, mesh: string): Promise<readonly string[]>;
}

export function createNeighbours(cluster: RouteCluster): Neighbours {
  const oldRoutes = keptList(cluster, trafficRoutes);
  const routes = keptList(cluster, meshHttpRoutes);
  return {
    trafficRoutes: async (step, mesh) => {
      const all = await oldRoutes(step);
      return all
        .filter((one) => (stringAt(one, 'mesh') ?? defaultMesh) === mesh)
        .map(({ metadata }) => trafficRouteWarning(metadata.name, mesh));
    },
    rivals: async (step, mesh) => {
      const all = await routes(step);
      return all.filter((one) => isRival(one, step.canary, mesh)).map((one) => rivalWarning(one, step.canary));
    },
  };
}

const trafficRouteWarning = (name: string, mesh: string): string =>
  `TrafficRoute ${name} is in mesh ${mesh}: while there is one, Kuma 2.x carries out no MeshHTTPRoute for most proxies, ` +
  `so traffic may not follow the weights: delete it when nothing needs it (kubectl delete trafficroutes.kuma.io ${name})`;

const rivalWarning = ({ metadata }: KubernetesObject, { namespace, spec }: Canary): string =>
  `MeshHTTPRoute ${nameOf(metadata)} routes ${namespace}/${spec.service.name}, too: where its matches are those of this ` +
  'canary, its weights may win';

/**
 * Steps that want the list at the same moment wait for one answer. A kind that is not served, may not be listed or can't be
 * listed now tells nothing: a Warning stops no step.
 */
function keptList(
  cluster: RouteCluster,
  resource: Resource,
): (step: StepContext) => Promise<readonly KubernetesObject[]> {
  let known: { readonly items: readonly KubernetesObject[]; readonly until: number } | undefined;
  let asked: Promise<readonly KubernetesObject[]> | undefined;
  const ask = async ({ now, signal }: StepContext): Promise<readonly KubernetesObject[]> => {
    try {
      const { items } = await cluster.list(resource, { signal });
      known = { items: items.map(essence), until: now + listsKeptMs };
    } catch (error) {
      if (!isKubernetesError(error)) throw error;
      // Who asked has been stopped, and the others of its moment go without: the next one asks again.
      if (isKubernetesError(error, 'aborted')) return [];
      known = { items: [], until: now + listsKeptMs };
    } finally {
      asked = undefined;
    }
    return known.items;
  };
  return async (step) => {
    if (known !== undefined && step.now < known.until) return known.items;
    asked ??= ask(step);
    const items = await asked;
    step.signal.throwIfAborted();
    return items;
  };
}

/** What is looked at of a route: the lists are as long as the mesh is large, and are kept. */
const essence = ({ apiVersion, kind, metadata, mesh, ...route }: KubernetesObject): KubernetesObject => {
  const { name, namespace, labels } = metadata;
  const to = arrayAt(route, 'spec', 'to').map((one) => ({ targetRef: valueAt(one, 'targetRef') }));
  const home = { ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) };
  return { apiVersion, kind, metadata: { name, ...home }, ...(mesh === undefined ? {} : { mesh }), spec: { to } };
};

function isRival(route: KubernetesObject, canary: Canary, mesh: string): boolean {
  const { metadata } = route;
  const isOwn = metadata.namespace === canary.namespace && metadata.name === canary.spec.service.name;
  if (isOwn || (metadata.labels?.[meshKey] ?? defaultMesh) !== mesh) return false;
  return arrayAt(route, 'spec', 'to').some((to) => selectsApex(to, metadata.namespace, canary));
}

/** By Kuma's own name, by name and namespace, or by labels. */
function selectsApex(to: unknown, home: string | undefined, canary: Canary): boolean {
  const { namespace, spec } = canary;
  const apex = spec.service.name;
  const name = stringAt(to, 'targetRef', 'name');
  if (name !== undefined) {
    const isHere = (stringAt(to, 'targetRef', 'namespace') ?? home) === namespace;
    return name === legacyName(apex, canary) || (name === apex && isHere);
  }
  const label = (key: string): string | undefined => stringAt(to, 'targetRef', 'labels', key);
  const isHere = (label('k8s.kuma.io/namespace') ?? namespace) === namespace;
  return label('kuma.io/display-name') === apex && isHere;
}
