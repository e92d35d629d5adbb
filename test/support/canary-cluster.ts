/** A real API server that knows Canaries, with a Redis beside it, for one test file. */
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, deployments, namespaces } from '../../platform/kubernetes/resources.ts';
import { startLight } from '../../sandbox/light.ts';
import type { LightCluster, LightOptions } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { aCanaryObject } from './a-canary.ts';
import type { CanaryOptions } from './a-canary.ts';
import { aDeployment } from './a-deployment.ts';
import { aviaryDefinition } from './aviary-definitions.ts';
import { clientOn } from './client-on.ts';
import { install } from './definitions.ts';

export interface CanaryCluster {
  readonly light: LightCluster;
  /** What the code under test uses. */
  readonly client: KubernetesClient;
  /** For the test's own hands: its requests are not counted. */
  readonly user: KubernetesClient;
  /** Requests of `client` so far, as `get canaries.flagger.app`. */
  readonly requests: string[];
  namespace(name: string): Promise<string>;
  /** Creates a Canary, and writes its status if one is given; returns it as stored. */
  canary(options: CanaryOptions & { readonly namespace: string }): Promise<KubernetesObject>;
  deployment(namespace: string): Promise<KubernetesObject>;
  read(namespace: string, name?: string): Promise<KubernetesObject>;
  close(): Promise<void>;
}

/** @param extras `controllerManager`: with the controllers of Kubernetes beside the API server; `audit`: with its audit log */
export async function startCanaryCluster(
  extras: Pick<LightOptions, 'controllerManager' | 'audit'> = {},
): Promise<CanaryCluster> {
  const light = await startLight({ ...extras, progress: silent });
  const requests: string[] = [];
  const client = clientOn(light, { observe: ({ verb, resource }) => requests.push(`${verb} ${resource}`) });
  const user = clientOn(light, { fieldManager: 'user' });
  const close = async (): Promise<void> => {
    await Promise.all([client.close(), user.close()]);
    await light.stop();
  };
  try {
    await install(user, await aviaryDefinition('canary'));
  } catch (error) {
    await close();
    throw error;
  }
  return { light, client, user, requests, ...objectsBy(user), close };
}

/** What tests create and read again and again. */
function objectsBy(user: KubernetesClient): Pick<CanaryCluster, 'namespace' | 'canary' | 'deployment' | 'read'> {
  return {
    read: (namespace, name = 'podinfo') => user.get(canaries, { namespace, name }),
    namespace: async (name) => {
      await user.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    canary: async (options) => {
      const { status, ...object } = aCanaryObject(options);
      const metadata = { name: options.name ?? 'podinfo', namespace: options.namespace };
      const stored = await user.create(canaries, { ...object, metadata });
      return status === undefined ? stored : user.replaceStatus(canaries, { ...stored, status });
    },
    deployment: (namespace) => {
      const object = aDeployment();
      return user.create(deployments, { ...object, metadata: { ...object.metadata, namespace } });
    },
  };
}
