/** Runs from a user's first objects to an end, by the name of the file that says what is there then. */
import { stringAt } from '../../../platform/json.ts';
import { canaries, deployments, horizontalPodAutoscalers } from '../../../platform/resources.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import type { CanaryOptions } from '../../support/a-canary.ts';
import { aDeployment } from '../../support/a-deployment.ts';
import type { CanaryCluster } from '../../support/canary-cluster.ts';
import { reaches, release } from '../../support/released-canary.ts';
import { onPerch } from '../../support/stand-in-kubelet.ts';

export interface Scene {
  readonly cluster: CanaryCluster;
  readonly namespace: string;
  /** Base URL of a receiver that refuses whatever has `refused` in its path. */
  readonly hooks: string;
}

export interface Case {
  readonly title: string;
  /** File beside this one, without `.yaml`; the namespace has the same name. */
  readonly golden: string;
  readonly play: (scene: Scene) => Promise<void>;
}

const name = 'podinfo';
const interval = '1s';

/** Initializes the Canary, releases an image, and waits for the phase that it ends in. */
async function play({ cluster, namespace }: Scene, canary: CanaryOptions, phase?: string): Promise<void> {
  await cluster.user.create(deployments, aDeployment({ name, namespace, podSpec: onPerch }));
  await cluster.canary({ ...canary, namespace, name });
  await reaches(cluster, { namespace, name }, { phase: 'Initialized' });
  if (phase !== undefined) {
    await release(cluster, { namespace, name }, 2);
    await reaches(cluster, { namespace, name }, { phase });
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

const weighted = { interval, threshold: 2, stepWeight: 20, maxWeight: 40 };
const cohort = [{ headers: { 'x-canary': { exact: 'insider' } } }];

export const cases: readonly Case[] = [
  {
    title: 'bootstrap: a primary that serves, three Services, a route, and a target at rest',
    golden: 'bootstrap',
    play: (scene) => play(scene, { analysis: weighted }),
  },
  {
    title: 'promotion by weight: the primary runs the release, and all traffic is its',
    golden: 'promotion',
    play: (scene) => play(scene, { analysis: weighted }, 'Succeeded'),
  },
  {
    title: 'roll-back: the primary runs what it ran, and the target is at rest with the refused release',
    golden: 'rollback',
    play: (scene) => {
      const webhooks = [{ name: 'load-test', url: `${scene.hooks}/refused` }];
      return play(scene, { analysis: { ...weighted, webhooks } }, 'Failed');
    },
  },
  {
    title: 'A/B testing: the cohort is on the canary while its promotion waits for approval',
    golden: 'ab-testing',
    play: (scene) => {
      const webhooks = [{ name: 'approval', type: 'confirm-promotion', url: `${scene.hooks}/refused` }];
      return play(
        scene,
        { analysis: { interval, threshold: 2, iterations: 2, match: cohort, webhooks } },
        'WaitingPromotion',
      );
    },
  },
  {
    title: 'Blue/Green without a mesh: no route at all, and the primary runs the release',
    golden: 'blue-green',
    play: (scene) =>
      play(
        scene,
        { spec: { provider: 'kubernetes' }, analysis: { interval, threshold: 2, iterations: 2 } },
        'Succeeded',
      ),
  },
  {
    title: 'an HPA: the primary has its own, and the target rests beside its HPA',
    golden: 'autoscaler',
    play: async (scene) => {
      await scene.cluster.user.create(horizontalPodAutoscalers, targetAutoscaler(scene.namespace));
      const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name };
      await play(scene, { spec: { autoscalerRef }, analysis: weighted }, 'Succeeded');
    },
  },
  {
    title: 'deletion with revertOnDeletion: the target serves behind the apex Service, and nothing of ours is left',
    golden: 'deletion',
    play: async (scene) => {
      const { cluster, namespace } = scene;
      await play(scene, { spec: { revertOnDeletion: true }, analysis: weighted }, 'Succeeded');
      await cluster.user.delete(canaries, { namespace, name });
      await waitFor({
        what: 'Canary and primary to be gone',
        seconds: 60,
        look: async () => {
          const all = await Promise.all([canaries, deployments].map((kind) => cluster.user.list(kind, { namespace })));
          return all.flatMap(({ items }) => items).length === 1 ? true : undefined;
        },
      });
    },
  },
];

const targetAutoscaler = (namespace: string) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name, namespace, labels: { team: 'web' } },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 2,
    maxReplicas: 4,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } } }],
  },
});
