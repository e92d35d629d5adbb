/** A real API server with controllers for one test file, and a client on it that counts what is asked. */
import { startLight } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { namespaces } from '../../platform/kubernetes/resources.ts';
import { clientOn } from './client-on.ts';

/** What tests of one adapter need of a cluster. */
export type ClientHands = Pick<LightClient, 'client' | 'user' | 'requests' | 'namespace'>;

export interface LightClient {
  /** What the code under test uses. */
  readonly client: KubernetesClient;
  /** Another one, for the test's own hands: its requests are not counted. */
  readonly user: KubernetesClient;
  /** Requests of `client` so far, as `get deployments.apps`. */
  readonly requests: string[];
  /** Kubeconfig of an administrator, for other programs. */
  readonly kubeconfigPath: string;
  /** Creates a namespace of that name. */
  namespace(name: string): Promise<string>;
  close(): Promise<void>;
}

const writes = /^(?:apply|patch|create|replace|delete) /;

/** The requests that change something. */
export const writesAmong = (requests: readonly string[]): string[] => requests.filter((line) => writes.test(line));

/** Starts etcd, kube-apiserver and kube-controller-manager. */
export async function startLightClient(): Promise<LightClient> {
  const cluster = await startLight({ redis: false, controllerManager: true, progress: silent });
  const requests: string[] = [];
  const client = clientOn(cluster, { observe: ({ verb, resource }) => requests.push(`${verb} ${resource}`) });
  const user = clientOn(cluster);
  return {
    client,
    user,
    requests,
    kubeconfigPath: cluster.kubeconfigPath,
    namespace: async (name) => {
      await user.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    close: async () => {
      await Promise.all([client.close(), user.close()]);
      await cluster.stop();
    },
  };
}
