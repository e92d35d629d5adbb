/** Wakes the canaries of a target whose spec has changed, so that a new revision does not wait for its slot. */
import type { Clock, Random } from '../platform/clock.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { createListWatch } from '../platform/kubernetes-watch.ts';
import type { Logger } from '../platform/logger.ts';
import { daemonSets, deployments } from '../platform/resources.ts';
import type { Resource } from '../platform/resources.ts';
import type { WatchHealth } from '../platform/watch-metrics.ts';

/** A workload at one of its generations. */
export interface TargetChange {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Names this change of this object, without dots. */
  readonly cause: string;
}

export interface TargetWatchOptions {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onChange: (change: TargetChange) => void;
}

export interface TargetWatch {
  start(): void;
  /** For metrics: each watch with what it watches. */
  readonly watches: readonly { readonly resource: string; readonly watch: WatchHealth }[];
  stop(): Promise<void>;
}

export function watchTargets(options: TargetWatchOptions): TargetWatch {
  const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;
  const watches = [deployments, daemonSets].flatMap((resource) =>
    scopes.map((namespace) => ({
      resource: `${resource.plural}.${resource.group}`,
      watch: watchOne(resource, namespace, options),
    })),
  );
  return {
    start: () => watches.forEach(({ watch }) => watch.start()),
    watches,
    stop: async () => {
      await Promise.all(watches.map(({ watch }) => watch.stop()));
    },
  };
}

function watchOne(resource: Resource, namespace: string | undefined, options: TargetWatchOptions) {
  const { namespaces: _all, onChange, ...rest } = options;
  return createListWatch<number>({
    ...rest,
    namespace,
    resource,
    metadataOnly: true,
    project: ({ metadata }) => metadata.generation ?? 0,
    onUpdate: (next, previous) => {
      if (next.value === previous.value && next.uid === previous.uid) return;
      const { namespace: home = '', name, uid, value: generation } = next;
      onChange({ kind: resource.kind, namespace: home, name, cause: `target-${uid.slice(0, 8)}-${generation}` });
    },
  });
}
