/** Runs from a user's first objects to an end, by the name of the file that says what is there then. */
import {
  canaries,
  configMaps,
  deployments,
  horizontalPodAutoscalers,
  secrets,
} from '../../../platform/kubernetes/resources.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import { name, play } from './play.ts';
import type { Scene } from './play.ts';

export interface Case {
  readonly title: string;
  /** File beside this one, without `.yaml`; the namespace has the same name. */
  readonly golden: string;
  readonly play: (scene: Scene) => Promise<void>;
}

const interval = '1s';
const weighted = { interval, threshold: 2, stepWeight: 20, maxWeight: 40 };
const cohort = [{ headers: { 'x-canary': { exact: 'insider' } } }];

export const cases: readonly Case[] = [
  {
    title: 'bootstrap: a primary that serves, three Services, a route, and a target at rest',
    golden: 'bootstrap',
    play: (scene) => play(scene, { canary: { analysis: weighted } }),
  },
  {
    title: 'promotion by weight: the primary runs the release, and all traffic is its',
    golden: 'promotion',
    play: (scene) => play(scene, { canary: { analysis: weighted }, phase: 'Succeeded' }),
  },
  {
    title: 'roll-back: the primary runs what it ran, and the target is at rest with the refused release',
    golden: 'rollback',
    play: (scene) => {
      const webhooks = [{ name: 'load-test', url: `${scene.hooks}/refused` }];
      return play(scene, { canary: { analysis: { ...weighted, webhooks } }, phase: 'Failed' });
    },
  },
  {
    title: 'A/B testing: the cohort is on the canary while its promotion waits for approval',
    golden: 'ab-testing',
    play: (scene) => {
      const webhooks = [{ name: 'approval', type: 'confirm-promotion', url: `${scene.hooks}/refused` }];
      const analysis = { interval, threshold: 2, iterations: 2, match: cohort, webhooks };
      return play(scene, { canary: { analysis }, phase: 'WaitingPromotion' });
    },
  },
  {
    title: 'Blue/Green without a mesh: no route at all, and the primary runs the release',
    golden: 'blue-green',
    play: (scene) =>
      play(scene, {
        canary: { spec: { provider: 'kubernetes' }, analysis: { interval, threshold: 2, iterations: 2 } },
        phase: 'Succeeded',
      }),
  },
  {
    title: 'an HPA: the primary has its own, and the target rests beside its HPA',
    golden: 'autoscaler',
    play: async (scene) => {
      await scene.cluster.user.create(horizontalPodAutoscalers, targetAutoscaler(scene.namespace));
      const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name };
      await play(scene, { canary: { spec: { autoscalerRef }, analysis: weighted }, phase: 'Succeeded' });
    },
  },
  {
    title: 'a DaemonSet: the primary runs the release on every node, and the target fits none',
    golden: 'daemon-set',
    play: (scene) => play(scene, { canary: { analysis: weighted }, kind: 'DaemonSet', phase: 'Succeeded' }),
  },
  {
    title: 'a changed ConfigMap: the primary has the same template and a new copy, and rolls',
    golden: 'configs',
    play: async (scene) => {
      const { cluster, namespace } = scene;
      await cluster.user.create(configMaps, config('ConfigMap', 'colors', { namespace, data: { color: 'red' } }));
      await cluster.user.create(secrets, config('Secret', 'tokens', { namespace, data: { token: 'dGVzdA==' } }));
      const release = () =>
        cluster.user.mergePatch(configMaps, { namespace, name: 'colors' }, { patch: { data: { color: 'blue' } } });
      await play(scene, { canary: { analysis: weighted }, env: readsConfigs, release, phase: 'Succeeded' });
    },
  },
  {
    title: 'deletion with revertOnDeletion: the target serves behind the apex Service, and nothing of ours is left',
    golden: 'deletion',
    play: async (scene) => {
      const { cluster, namespace } = scene;
      await play(scene, { canary: { spec: { revertOnDeletion: true }, analysis: weighted }, phase: 'Succeeded' });
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

const readsConfigs = [
  { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'colors', key: 'color' } } },
  { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tokens', key: 'token' } } },
];

interface Config {
  readonly namespace: string;
  readonly data: Readonly<Record<string, string>>;
}

const config = (kind: 'ConfigMap' | 'Secret', of: string, { namespace, data }: Config) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: of, namespace },
  data,
});

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
