/** What the users of the canaries see, kept by watches that come back after every outage. */
import { systemClock as clock } from '../../platform/clock.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import type { CanaryStatus } from '../../canary/canary.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries, deployments } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { Place } from './objects.ts';

export interface SeenWorkload {
  readonly image: string;
  readonly replicas: number;
}

export interface ClusterView {
  /** Undefined where there is no such Canary. */
  status(place: Place): CanaryStatus | undefined;
  workload(place: Place): SeenWorkload | undefined;
  /** Canaries by phase, `new` for those without one. */
  phases(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export async function watchCluster(client: KubernetesClient): Promise<ClusterView> {
  const follow = <T>(resource: Resource, project: (object: KubernetesObject) => T) =>
    createListWatch<T>({
      client,
      resource,
      clock,
      random: Math.random,
      log,
      backoff: { firstMs: 50, maxMs: 500 },
      project,
    });
  const seen = follow(canaries, (object) => parseStatus(object['status']));
  const workloads = follow(deployments, workloadOf);
  seen.start();
  workloads.start();
  await Promise.all([seen.whenSynced(), workloads.whenSynced()]);
  return {
    status: (place) => seen.get(place)?.value,
    workload: (place) => workloads.get(place)?.value,
    phases: () => countOf([...seen.values()].map(({ value }) => value.phase ?? 'new')),
    stop: async () => {
      await Promise.all([seen.stop(), workloads.stop()]);
    },
  };
}

const workloadOf = ({ spec }: KubernetesObject): SeenWorkload => ({
  image: stringAt(spec, 'template', 'spec', 'containers', 0, 'image') ?? '',
  replicas: numberAt(spec, 'replicas') ?? 1,
});

const countOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(words)].toSorted().map((word) => [word, words.filter((one) => one === word).length]));
