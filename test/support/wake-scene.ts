/** Two schedulers that stay, on a cluster with one Canary, and what they wake. */
import type { ExecutionContext } from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from './aviary-process.ts';
import type { AviaryProcess } from './aviary-process.ts';
import type { CanaryCluster } from './canary-cluster.ts';

export interface WakeScene {
  readonly namespace: string;
  readonly schedulers: readonly AviaryProcess[];
  /** Ids of the wakes in the queue, without what they have in common. */
  readonly wakes: () => Promise<readonly string[]>;
  /** Waits until there are so many. */
  readonly woken: (count: number) => Promise<readonly string[]>;
  readonly edit: (resource: Resource, patch: Record<string, unknown>, name?: string) => Promise<KubernetesObject>;
}

export interface WakeSceneOptions {
  readonly cluster: CanaryCluster;
  /** Of namespace and queue. */
  readonly name: string;
  /** Makes what the Canary needs and returns the Canary, `podinfo`. */
  readonly make: (namespace: string) => Promise<KubernetesObject>;
  /** How many kinds of objects are watched beside the Canaries. */
  readonly watches: number;
}

/** Begins when both schedulers have seen everything. */
export async function aWakeScene(t: ExecutionContext, options: WakeSceneOptions): Promise<WakeScene> {
  const { cluster, name, make, watches } = options;
  const namespace = await cluster.namespace(name);
  const { metadata } = await make(namespace);
  const env = { ...settingsOn(cluster, name), NAMESPACE: namespace };
  const schedulers = [1, 2].map(() => startProcessFor(t, { program: 'scheduler', env }));
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'producer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix: `{${name}}`, log });
  t.teardown(async () => {
    await queue.close();
    redis.disconnect();
  });
  await Promise.all(schedulers.map((scheduler) => isWatching(scheduler, watches)));
  const start = `.${namespace}.podinfo.${(metadata.uid ?? '').slice(0, 8)}.`;
  const wakes = async (): Promise<readonly string[]> => {
    const ids = (await queue.getJobs(['prioritized', 'wait', 'active'], 0, 500)).map(({ id = '' }) => id);
    return ids
      .filter((id) => /^[wf]\./.test(id))
      .map((id) => id.replace(start, ' '))
      .toSorted();
  };
  return {
    namespace,
    schedulers,
    wakes,
    woken: (count) =>
      waitFor({
        what: `${count} wakes`,
        seconds: 10,
        every: 5,
        look: async () => {
          const found = await wakes();
          return found.length >= count ? found : undefined;
        },
        explain: async () => (await wakes()).join('\n'),
      }),
    edit: (resource, patch, object = 'podinfo') =>
      cluster.user.mergePatch(resource, { namespace, name: object }, { patch }),
  };
}

const isWatching = (scheduler: AviaryProcess, watches: number): Promise<true> =>
  waitFor({
    what: `a tick and ${watches} watches`,
    seconds: 30,
    look: () => {
      const said = scheduler.lines().map(({ msg }) => msg);
      const begun = said.filter((msg) => msg === 'watch of what canaries follow begun').length;
      return said.includes('tick done') && begun >= watches ? true : undefined;
    },
    explain: () => scheduler.errors(),
  });

/** What the API server has told by now is told to every watch: a second change cannot be seen before a first one. */
export async function settled({ edit, woken, wakes }: WakeScene): Promise<readonly string[]> {
  const before = (await wakes()).length;
  await edit(canaries, { metadata: { annotations: { 'aviary.dev/settled': String(clock.now()) } } });
  await woken(before + 1);
  return wakes();
}
