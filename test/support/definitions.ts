/** CustomResourceDefinitions for tests on a real API server: where they come from, and putting them in and out. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { customResourceDefinitions, httpRoutesV1 } from '../../platform/kubernetes/resources.ts';
import { meshDefinitions } from '../../sandbox/mesh/crds.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { conditionOf, find } from './stored-object.ts';

const run = promisify(execFile);
const gatewayApi = 'sigs.k8s.io/gateway-api@v1.3.0';
const knativeServing = 'knative.dev/serving@v0.44.0';
const prometheusOperator = 'github.com/prometheus-operator/prometheus-operator@v0.79.2';
const keda = 'github.com/kedacore/keda/v2@v2.17.2';

/** A definition from a Go module (in the module cache, or downloaded). */
async function fromModule(module: string, file: string): Promise<KubernetesObject> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), timeout: 120_000 });
  const directory = stringAt(JSON.parse(stdout), 'Dir') ?? '';
  return parse(await readFile(join(directory, file), 'utf8')) as KubernetesObject;
}

/** Gateway API's own definition of HTTPRoute, both versions. */
export const httpRouteDefinition = (): Promise<KubernetesObject> =>
  fromModule(gatewayApi, 'config/crd/experimental/gateway.networking.k8s.io_httproutes.yaml');

/** KEDA's own definition of ScaledObject. */
export const scaledObjectDefinition = (): Promise<KubernetesObject> =>
  fromModule(keda, 'config/crd/bases/keda.sh_scaledobjects.yaml');

/** The Prometheus operator's own definitions of PodMonitor and PrometheusRule. */
export const prometheusDefinitions = (): Promise<readonly KubernetesObject[]> =>
  Promise.all(
    ['podmonitors', 'prometheusrules'].map((plural) =>
      fromModule(prometheusOperator, `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`),
    ),
  );

/** Knative's own definitions of Service and Revision. */
export const knativeDefinitions = (): Promise<readonly KubernetesObject[]> =>
  Promise.all(
    ['service', 'revision'].map((kind) => fromModule(knativeServing, `config/core/300-resources/${kind}.yaml`)),
  );

const meshDefinition = (plural: string): KubernetesObject => {
  const definition = meshDefinitions().find(({ metadata }) => metadata.name === `${plural}.kuma.io`);
  if (definition === undefined) throw new Error(`expected a definition of ${plural} among those of the sandbox`);
  return definition;
};

export const trafficRouteDefinition = (): KubernetesObject => meshDefinition('trafficroutes');

/** MeshHTTPRoute as Kuma 2.x defines it: destinations by name or labels. */
export const meshHttpRouteV2 = (): KubernetesObject => meshDefinition('meshhttproutes');

const removedIn3 = ['mesh', 'name', 'namespace', 'proxyTypes', 'tags'];

/** MeshHTTPRoute as Kuma 3.x defines it: destinations by labels only, whatever else is said of them is pruned. */
export function meshHttpRouteV3(): KubernetesObject {
  const withoutNames = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => withoutNames(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([field]) => !(key === 'reference' && removedIn3.includes(field)));
    return Object.fromEntries(
      entries.map(([field, inner]) => [field, withoutNames(inner, isReference(field, inner) ? 'reference' : '')]),
    );
  };
  return withoutNames(meshHttpRouteV2()) as KubernetesObject;
}

/** The properties of a targetRef or backendRef. */
const isReference = (field: string, value: unknown): boolean =>
  field === 'properties' && typeof value === 'object' && value !== null && 'proxyTypes' in value;

export interface KumaKind {
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
}

/** A kind of Kuma that keeps whatever it is given, for what the router only reads. */
export const kumaDefinition = ({ kind, plural, scope }: KumaKind): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.kuma.io` },
  spec: {
    group: 'kuma.io',
    scope,
    names: { kind, listKind: `${kind}List`, singular: kind.toLowerCase(), plural },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** MeshService, as far as its ports go. */
export const meshServiceDefinition = (): KubernetesObject =>
  kumaDefinition({ kind: 'MeshService', plural: 'meshservices', scope: 'Namespaced' });

/** Puts a definition in, or replaces it, and waits until the API server serves it. */
export async function install(client: KubernetesClient, definition: KubernetesObject): Promise<void> {
  const written = await client.apply(customResourceDefinitions, definition, { force: true });
  await waitFor({
    what: `definition ${definition.metadata.name}`,
    seconds: 30,
    look: async () => {
      const { metadata, ...rest } = await client.get(customResourceDefinitions, { name: definition.metadata.name });
      const established = stringAt(conditionOf(rest, 'Established'), 'status') === 'True';
      const isNewest = metadata.generation === written.metadata.generation;
      return established && isNewest && (await isServed(client, rest)) ? true : undefined;
    },
  });
}

/** The API server takes a moment between saying that a definition is established and answering for its kind. */
async function isServed(client: KubernetesClient, { spec }: Partial<KubernetesObject>): Promise<boolean> {
  const version = arrayAt(spec, 'versions').map((one) => stringAt(one, 'name'))[0];
  try {
    await client.getPath(`/apis/${stringAt(spec, 'group')}/${version}/${stringAt(spec, 'names', 'plural')}?limit=1`);
    return true;
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return false;
    throw error;
  }
}

/** Takes a definition out, with all objects of its kind, and waits until it is gone. */
async function uninstall(client: KubernetesClient, name: string): Promise<void> {
  await client.delete(customResourceDefinitions, { name });
  await waitFor({
    what: `definition ${name} gone`,
    seconds: 30,
    look: async () => ((await find(client, customResourceDefinitions, { name })) === undefined ? true : undefined),
  });
}

/**
 * Deletes the definition of HTTPRoute, whose end one route with a finalizer holds up.
 *
 * @returns lets it go on, and waits for its end
 */
export async function uninstallRoutesSlowly(client: KubernetesClient, namespace: string): Promise<() => Promise<void>> {
  const definition = 'httproutes.gateway.networking.k8s.io';
  const routeOf = (name: string, finalizers: readonly string[]) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace, name, finalizers: [...finalizers] },
    spec: {},
  });
  await client.apply(httpRoutesV1, routeOf('kept', ['example.com/kept']));
  await client.delete(customResourceDefinitions, { name: definition });
  let probes = 0;
  await waitFor({
    what: 'the API server to create no more routes',
    seconds: 30,
    look: () =>
      client.apply(httpRoutesV1, routeOf(`probe-${++probes}`, [])).then(
        () => undefined,
        () => true,
      ),
  });
  return async () => {
    await client.mergePatch(httpRoutesV1, { namespace, name: 'kept' }, { patch: { metadata: { finalizers: [] } } });
    await uninstall(client, definition);
  };
}
