/** What the Kuma router reads of the cluster before it writes: mesh, zone, dialect, readiness of the Services. */
import { canaryServiceName, primaryServiceName, type Canary } from '../../canary/canary.ts';
import { kumaProtocols } from '../../canary/capabilities.ts';
import { declaredMesh, defaultMesh, meshKey } from '../../canary/mesh.ts';
import { arrayAt, isRecord, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { customResourceDefinitions, meshServices, meshes, namespaces } from '../../platform/kubernetes/resources.ts';
import { AdapterError, type StepContext } from '../context.ts';
import type { KumaDialect } from './kuma-dialect.ts';
import type { RouteCluster } from './route-object.ts';

/** `trafficRoute`: the mesh is too old for MeshHTTPRoute. */
export type DialectKind = KumaDialect['kind'] | 'trafficRoute';

/** A definition changes when Kuma is upgraded, and reading it costs 50 kB. */
const DIALECT_KEPT_MS = 60_000;
/** Clients need a moment to learn of a new MeshService; until then their requests would be answered with 500. */
const MESH_SERVICE_MIN_AGE_MS = 5_000;

/** The mesh of the Canary: its own word, else that of its namespace. */
export async function meshOf(cluster: RouteCluster, step: StepContext): Promise<string> {
  const declared = declaredMesh(step.canary);
  if (declared !== undefined) return declared;
  const namespace = await cluster.reads.get(step, { resource: namespaces, name: { name: step.canary.namespace } });
  return namespace?.metadata.labels?.[meshKey] ?? defaultMesh;
}

/** The zone of the local MeshService of the primary; undefined where Kuma does not say. */
export async function zoneOf(cluster: RouteCluster, step: StepContext): Promise<string | undefined> {
  const primary = await readMeshService(cluster, step, primaryServiceName(step.canary));
  return primary?.metadata.labels?.['kuma.io/zone'];
}

/** Whether Kuma makes MeshServices in this mesh: always in 3.x, in 2.x where the Mesh asks for it. */
export async function hasMeshServices(
  cluster: RouteCluster,
  step: StepContext,
  { kind, mesh }: { readonly kind: KumaDialect['kind']; readonly mesh: string },
): Promise<boolean> {
  if (kind === 'v3') return true;
  const live = await cluster.reads.get(step, { resource: meshes, name: { name: mesh } });
  return (stringAt(live, 'spec', 'meshServices', 'mode') ?? 'Disabled') !== 'Disabled';
}

/**
 * In 3.x a share whose Service Kuma does not know yet is answered with 500, and 2.x gives it to the others: it has to be
 * known first.
 *
 * @throws AdapterError `unavailable` until it is
 */
export async function awaitMeshServices(cluster: RouteCluster, step: StepContext): Promise<void> {
  const { canary } = step;
  for (const name of [primaryServiceName(canary), canaryServiceName(canary)]) {
    const service = await readMeshService(cluster, step, name);
    const missing = whatIsMissing(service, canary, step.now);
    if (missing === undefined) continue;
    throw new AdapterError(
      'unavailable',
      `MeshServiceNotReady: MeshService ${canary.namespace}/${name} is not ready: ${missing}`,
    );
  }
}

const readMeshService = (cluster: RouteCluster, step: StepContext, name: string) =>
  cluster.reads.get(step, { resource: meshServices, name: { namespace: step.canary.namespace, name } });

function whatIsMissing(service: KubernetesObject | undefined, canary: Canary, now: number): string | undefined {
  if (service === undefined) return 'Kuma has not created it';
  const { port } = canary.spec.service;
  const servicePort = arrayAt(service, 'spec', 'ports').find((one) => valueAt(one, 'port') === port);
  const protocol = stringAt(servicePort, 'appProtocol') ?? 'tcp';
  if (!kumaProtocols.includes(protocol)) {
    return `port ${port}: expected appProtocol http, http2 or grpc, got ${isRecord(servicePort) ? protocol : 'no such port'}`;
  }
  const age = now - Date.parse(service.metadata.creationTimestamp ?? '');
  return age < MESH_SERVICE_MIN_AGE_MS ? 'it was created a moment ago' : undefined;
}

export interface DialectDetector {
  /** As the cluster's definitions show it; remembered for a minute. */
  dialect(step: StepContext): Promise<DialectKind>;
  forget(): void;
}

export function createDialectDetector(cluster: RouteCluster): DialectDetector {
  let known: { readonly kind: DialectKind; readonly until: number } | undefined;
  return {
    async dialect(step) {
      if (known !== undefined && step.now < known.until) return known.kind;
      const kind = await readDialect(cluster, step);
      known = { kind, until: step.now + DIALECT_KEPT_MS };
      return kind;
    },
    forget: () => {
      known = undefined;
    },
  };
}

async function readDialect(cluster: RouteCluster, step: StepContext): Promise<DialectKind> {
  const read = (name: string) => cluster.reads.get(step, { resource: customResourceDefinitions, name: { name } });
  const definition = await read('meshhttproutes.kuma.io');
  if (definition !== undefined) return selectsByName(definition) ? 'v2' : 'v3';
  if ((await read('trafficroutes.kuma.io')) !== undefined) return 'trafficRoute';
  throw new AdapterError(
    'unsupported',
    'KumaRouteCRDMissing: expected the definition meshhttproutes.kuma.io (or trafficroutes.kuma.io of an older Kuma), ' +
      'got neither: install Kuma or set spec.provider to what the cluster has',
  );
}

const toProperties = ['schema', 'openAPIV3Schema', 'properties', 'spec', 'properties', 'to', 'items', 'properties'];

/** 2.x names the destination, 3.x selects it by labels only. */
function selectsByName(definition: KubernetesObject): boolean {
  return arrayAt(definition, 'spec', 'versions').some(
    (version) => valueAt(version, ...toProperties, 'targetRef', 'properties', 'name') !== undefined,
  );
}
