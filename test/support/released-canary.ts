/** Canaries as their users have them: created with their Deployments, released by a new image, and looked at from outside. */
import { numberAt, stringAt } from '../../platform/json.ts';
import { deployments, events } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { CanaryOptions } from './a-canary.ts';
import { aDeployment } from './a-deployment.ts';
import type { CanaryCluster } from './canary-cluster.ts';

export interface CanaryName {
  readonly namespace: string;
  readonly name: string;
}

/** Weights 10, 20, 30 by Kuma's route, one a second. */
export const weighted: Omit<CanaryOptions, 'name' | 'namespace'> = {
  analysis: { interval: '1s', threshold: 2, stepWeight: 10, maxWeight: 30 },
};

/** Two checks and no traffic to shift: the neighbour that has nothing to do with the outage. */
export const blueGreen: Omit<CanaryOptions, 'name' | 'namespace'> = {
  spec: { provider: 'kubernetes' },
  analysis: { interval: '1s', threshold: 2, iterations: 2 },
};

/** Creates the Deployment and its Canary. */
export async function deploy(cluster: CanaryCluster, options: CanaryOptions & CanaryName): Promise<void> {
  const { namespace, name } = options;
  await cluster.user.create(deployments, aDeployment({ name, namespace }));
  await cluster.canary(options);
}

/** Gives the Deployment another image. */
export const release = (cluster: CanaryCluster, canary: CanaryName, version: number): Promise<void> =>
  releaseOf(cluster, deployments, { ...canary, version });

/** Gives a workload of any kind another image. */
export async function releaseOf(
  cluster: CanaryCluster,
  resource: Resource,
  { namespace, name, version }: CanaryName & { readonly version: number },
): Promise<void> {
  const containers = [{ name: 'podinfo', image: `podinfo:${version}` }];
  const patch = { spec: { template: { spec: { containers } } } };
  await cluster.user.mergePatch(resource, { namespace, name }, { patch });
}

/** Waits until the canary is in this phase; 60 s at most unless told. */
export async function reaches(
  cluster: CanaryCluster,
  { namespace, name }: CanaryName,
  wanted: { readonly phase: string; readonly seconds?: number },
): Promise<void> {
  const { phase, seconds = 60 } = wanted;
  await waitFor({
    what: `${namespace}/${name} to be ${phase}`,
    seconds,
    every: 100,
    look: async () => (stringAt(await cluster.read(namespace, name), 'status', 'phase') === phase ? true : undefined),
    explain: async () => JSON.stringify((await cluster.read(namespace, name))['status'], null, 1),
  });
}

/** Deploys the canaries and waits until each is initialized. */
export async function initialize(
  cluster: CanaryCluster,
  canaries: readonly (CanaryOptions & CanaryName)[],
): Promise<void> {
  await Promise.all(canaries.map((canary) => deploy(cluster, canary)));
  await Promise.all(canaries.map((canary) => reaches(cluster, canary, { phase: 'Initialized' })));
}

/** What was recorded of a canary, sorted, as `1 × Normal Initialization done! podinfo.test`. */
export async function eventsOf(cluster: CanaryCluster, { namespace, name }: CanaryName): Promise<readonly string[]> {
  // The API server itself tells of Services that have the same name.
  const fieldSelector = `involvedObject.kind=Canary,involvedObject.name=${name}`;
  const { items } = await cluster.user.list(events, { namespace, fieldSelector });
  return items
    .map((event) => `${numberAt(event, 'count')} × ${stringAt(event, 'type')} ${stringAt(event, 'message')}`)
    .toSorted();
}
