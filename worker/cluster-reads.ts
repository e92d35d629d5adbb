/** How a worker reads the cluster: from watches, where it stays for long enough. */
import type { Clock, Random } from '../platform/clock.ts';
import { createCachedClient } from '../platform/kubernetes-cached-client.ts';
import type { CachedClient } from '../platform/kubernetes-cached-client.ts';
import type { RequestObserver } from '../platform/kubernetes-client.ts';
import { createKubernetesClient } from '../platform/kubernetes.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { tellRequestRate } from '../platform/request-metrics.ts';
import { createRequestRate } from '../platform/request-rate.ts';
import type { Tracing } from '../platform/tracing.ts';
import { createWatchMetrics } from '../platform/watch-metrics.ts';
import type { CachedKind } from '../platform/kubernetes-watched-kinds.ts';
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
} from '../platform/resources.ts';
import { createCanaryIndex } from './canary-index.ts';
import type { CanaryIndex } from './canary-index.ts';
import type { WorkerConfig } from './config.ts';

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
  readonly config: Pick<WorkerConfig, 'cluster' | 'clusterRate' | 'namespaces'>;
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
  readonly client: CachedClient;
  readonly index: CanaryIndex;
}

export function createClusterReads({ config, isStaying, metrics, ...rest }: ClusterReadsOptions): ClusterReads {
  const { clock, random, log } = rest;
  const rate = createRequestRate({ clock, ...config.clusterRate });
  tellRequestRate(metrics, rate);
  const direct = createKubernetesClient({ ...rest, access: config.cluster, rate });
  const watching = { client: direct, namespaces: config.namespaces, clock, random, log };
  const index = createCanaryIndex(watching);
  const watchMetrics = createWatchMetrics(metrics, clock);
  watchMetrics.add('canaries.flagger.app', index);
  if (!isStaying) return { index, client: { ...direct, watches: () => [], stopWatches: () => Promise.resolve() } };
  const client = createCachedClient({
    ...watching,
    kinds: cachedKinds,
    isKept: (namespace) => index.isHome(namespace),
    onListed: (resource, watch) => watchMetrics.add(resource, watch),
  });
  return { client, index };
}
