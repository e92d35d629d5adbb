/** How a worker reads the cluster: from watches, where it stays for long enough. */
import type { Clock, Random } from '../../platform/clock.ts';
import { createCachedClient } from '../../platform/kubernetes/cached-client.ts';
import type { KubernetesClient, RequestObserver } from '../../platform/kubernetes/client.ts';
import { resourceLabel } from '../../platform/kubernetes/path.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { Metrics } from '../../platform/observability/metrics.ts';
import { tellRequestRate } from '../../platform/kubernetes/request-metrics.ts';
import { createRequestRate } from '../../platform/kubernetes/request-rate.ts';
import type { Tracing } from '../../platform/observability/tracing.ts';
import { createWatchMetrics } from '../../platform/kubernetes/watch-metrics.ts';
import type { CachedKind } from '../../platform/kubernetes/watched-kinds.ts';
import {
  alertProviders,
  canaries,
  configMaps,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  httpRoutesV1,
  httpRoutesV1beta1,
  knativeRevisions,
  knativeServices,
  meshHttpRoutes,
  meshServices,
  meshes,
  metricTemplates,
  namespaces,
  scaledObjects,
  secrets,
  services,
  trafficRoutes,
} from '../../platform/kubernetes/resources.ts';
import { canaryLoops, createCanaryIndex } from './canary-index.ts';
import type { CanaryIndex, CanaryIndexOptions } from './canary-index.ts';
import type { WorkerConfig } from '../config.ts';

/** What steps look at again and again. */
const whole = [
  alertProviders,
  canaries,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  httpRoutesV1,
  httpRoutesV1beta1,
  knativeRevisions,
  knativeServices,
  meshHttpRoutes,
  meshServices,
  meshes,
  metricTemplates,
  namespaces,
  scaledObjects,
  services,
  trafficRoutes,
];

/** Their content is read when a version has moved, hashed and let go. */
const byMetadata = [configMaps, secrets];

const cachedKinds: readonly CachedKind[] = [
  ...whole.map((resource) => ({ resource, part: 'whole' as const })),
  ...byMetadata.map((resource) => ({ resource, part: 'metadata' as const })),
];

export interface ClusterReadsOptions {
  readonly config: Pick<WorkerConfig, 'cluster' | 'clusterRate' | 'defaultProvider' | 'namespaces'>;
  /** A worker that only drains the queue reads directly: filling caches would take it longer. */
  readonly isStaying: boolean;
  readonly userAgent: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly observe: RequestObserver;
  readonly tracing?: Tracing | undefined;
}

export interface ClusterReads {
  readonly client: KubernetesClient;
  readonly index: CanaryIndex;
  /** Ends the watches that answer reads; from then on every read is a request. */
  readonly stopWatches: () => Promise<void>;
}

export function createClusterReads({ config, isStaying, metrics, ...rest }: ClusterReadsOptions): ClusterReads {
  const { clock, random, log } = rest;
  const { namespaces: served, defaultProvider } = config;
  const rate = createRequestRate({ clock, ...config.clusterRate });
  tellRequestRate(metrics, rate);
  const client = createKubernetesClient({ ...rest, access: config.cluster, rate });
  const watching = { client, clock, random, log };
  const watchMetrics = createWatchMetrics(metrics, clock);
  const indexWith = (openLoop: CanaryIndexOptions['openLoop']): CanaryIndex => {
    const index = createCanaryIndex({ namespaces: served, defaultProvider, openLoop, log });
    watchMetrics.add(resourceLabel(canaries), { lastActivity: index.lastActivity, synced: index.complete });
    return index;
  };
  if (!isStaying) return { client, index: indexWith(canaryLoops(watching)), stopWatches: async () => undefined };
  const cached = createCachedClient({
    ...watching,
    namespaces: served,
    kinds: cachedKinds,
    isKept: (namespace) => index.isHome(namespace),
    onListed: (resource, watch) => watchMetrics.add(resource, watch),
  });
  const index = indexWith((namespace, sink) => cached.shareWatch(canaries, namespace, sink));
  return { client: cached, index, stopWatches: () => cached.stopWatches() };
}
