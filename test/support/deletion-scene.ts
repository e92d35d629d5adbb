/** A Canary on a real cluster with controllers, brought to a phase, deleted, and looked at from outside. */
import { arrayAt, numberAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, deployments, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { CanaryOptions } from './a-canary.ts';
import { aDeployment } from './a-deployment.ts';
import { aviaryOn } from './aviary-on-cluster.ts';
import type { AviaryOnCluster } from './aviary-on-cluster.ts';
import { startCanaryCluster } from './canary-cluster.ts';
import type { CanaryCluster } from './canary-cluster.ts';
import { onPerch, startStandInKubelet } from './stand-in-kubelet.ts';
import { find as findObject } from './stored-object.ts';

export interface DeletionBench {
  readonly cluster: CanaryCluster;
  readonly aviary: AviaryOnCluster;
  /** Creates the namespace, the Deployment and the Canary, which has no metrics and one-second steps. */
  scene(namespace: string, options?: CanaryOptions): Promise<Scene>;
  close(): Promise<void>;
}

export interface Scene {
  readonly namespace: string;
  /** Gives the target another image. */
  release(image: string): Promise<unknown>;
  /** Deletes the Canary as `kubectl delete` does. */
  remove(cascade?: 'Background' | 'Foreground' | 'Orphan'): Promise<void>;
  /** An object, undefined when there is none. */
  find(resource: Resource, name: string): Promise<KubernetesObject | undefined>;
  edit(resource: Resource, name: string, patch: Record<string, unknown>): Promise<KubernetesObject>;
  /** Waits until the garbage collector has removed what the Canary owned. */
  collected(): Promise<unknown>;
  /** Where the apex leads, how many pods the target is to have, and who owns the apex. */
  state(): Promise<{ selector: unknown; replicas: number | undefined; owners: readonly unknown[] }>;
}

const unreachable = 'http://127.0.0.1:9/';

/** Webhooks of a gate that nobody may open: requests to the loopback are refused. */
export const shutGate = (type: string): object => ({ webhooks: [{ name: 'gate', type, url: unreachable }] });

export async function startDeletionBench(): Promise<DeletionBench> {
  const cluster = await startCanaryCluster({ controllerManager: true });
  const kubelet = await startStandInKubelet(cluster.user);
  const aviary = await aviaryOn(cluster);
  return {
    cluster,
    aviary,
    scene: async (name, options = {}) => {
      const namespace = await cluster.namespace(name);
      await cluster.user.create(deployments, aDeployment({ namespace, podSpec: onPerch }));
      await cluster.canary({
        ...options,
        namespace,
        analysis: { interval: '1s', metrics: [], stepWeight: 20, maxWeight: 40, ...options.analysis },
        // A step lasts some fifty milliseconds and counts as a second.
        spec: { revertOnDeletion: true, progressDeadlineSeconds: 600, ...options.spec },
      });
      return sceneIn(cluster, namespace);
    },
    close: async () => {
      await aviary.stop();
      await kubelet.stop();
      await cluster.close();
    },
  };
}

function sceneIn({ user }: CanaryCluster, namespace: string): Scene {
  const find: Scene['find'] = (resource, name) => findObject(user, resource, { namespace, name });
  const edit: Scene['edit'] = (resource, name, patch) => user.mergePatch(resource, { namespace, name }, { patch });
  const containers = (image: string): object[] => [
    { name: 'podinfo', image, ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }] },
  ];
  const owned = [
    [deployments, 'podinfo-primary'],
    [services, 'podinfo-primary'],
    [services, 'podinfo-canary'],
  ] as const;
  return {
    namespace,
    find,
    edit,
    release: (image) =>
      edit(deployments, 'podinfo', { spec: { template: { spec: { containers: containers(image) } } } }),
    remove: (cascade = 'Background') => user.delete(canaries, { namespace, name: 'podinfo' }, { propagation: cascade }),
    collected: () =>
      waitFor({
        what: `what the Canary of ${namespace} owned to be collected`,
        seconds: 60,
        look: async () => {
          const left = await Promise.all(owned.map(([resource, name]) => find(resource, name)));
          return left.every((object) => object === undefined) ? true : undefined;
        },
      }),
    state: async () => {
      const [apex, target] = await Promise.all([find(services, 'podinfo'), find(deployments, 'podinfo')]);
      return {
        selector: valueAt(apex, 'spec', 'selector'),
        replicas: numberAt(target, 'spec', 'replicas'),
        owners: arrayAt(apex, 'metadata', 'ownerReferences'),
      };
    },
  };
}
