/** How the runs of the golden files are played: a workload and its Canary, a release, and the end. */
import { stringAt } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import { daemonSets, deployments } from '../../../platform/kubernetes/resources.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import type { CanaryOptions } from '../../support/a-canary.ts';
import { aDaemonSet, aDeployment } from '../../support/a-deployment.ts';
import type { CanaryCluster } from '../../support/canary-cluster.ts';
import { reaches, releaseOf } from '../../support/released-canary.ts';
import { onPerch } from '../../support/stand-in-kubelet.ts';

export interface Scene {
  readonly cluster: CanaryCluster;
  readonly namespace: string;
  /** Base URL of a receiver that refuses whatever has `refused` in its path. */
  readonly hooks: string;
}

/** Of Canary and target. */
export const name = 'podinfo';

export interface Run {
  readonly canary: CanaryOptions;
  /** Phase in which the release ends; without one there is no release. */
  readonly phase?: string;
  readonly kind?: 'Deployment' | 'DaemonSet';
  /** Environment of the only container. */
  readonly env?: readonly JsonRecord[];
  /** What the user releases. Default: another image. */
  readonly release?: () => Promise<unknown>;
}

/** Initializes the Canary, releases something, and waits for the phase that it ends in. */
export async function play({ cluster, namespace }: Scene, run: Run): Promise<void> {
  const { canary, phase, kind = 'Deployment', env } = run;
  const container = env === undefined ? {} : { env };
  const workload = { name, namespace, podSpec: onPerch, container };
  const [resource, object] =
    kind === 'DaemonSet'
      ? ([daemonSets, aDaemonSet(workload)] as const)
      : ([deployments, aDeployment(workload)] as const);
  const targetRef = { apiVersion: 'apps/v1', kind, name };
  await cluster.user.create(resource, object);
  await cluster.canary({ ...canary, spec: { targetRef, ...canary.spec }, namespace, name });
  await reaches(cluster, { namespace, name }, { phase: 'Initialized', seconds: 110 });
  if (phase !== undefined) {
    await (run.release?.() ?? releaseOf(cluster, resource, { namespace, name, version: 2 }));
    await reaches(cluster, { namespace, name }, { phase, seconds: 110 });
  }
  await drained(cluster, namespace);
}

/** The pods of a settled canary go when their connections have had time to end. */
async function drained(cluster: CanaryCluster, namespace: string): Promise<void> {
  await waitFor({
    what: `the canary of ${namespace} to be drained`,
    seconds: 30,
    look: async () => {
      const since = stringAt(await cluster.read(namespace), 'status', 'run', 'drainingSince');
      return since === undefined ? true : undefined;
    },
  });
}
