import type { Clock, Random } from '../clock.ts';
import { type ClusterAccess, createClusterConnections } from './access.ts';
import { type KubernetesClient, type RequestObserver, fieldManager } from './client.ts';
import type { Logger } from '../observability/logger.ts';
import type { RequestRate } from './request-rate.ts';
import { createReader } from './read.ts';
import { createWriter } from './write.ts';
import { createTransport } from './transport.ts';
import { type Tracing, noTracing } from '../observability/tracing.ts';

export type { ClusterAccess } from './access.ts';

export interface KubernetesClientOptions {
  access: ClusterAccess;
  /** As `aviary-worker/0.1.0`. */
  userAgent: string;
  clock: Clock;
  random: Random;
  log: Logger;
  observe?: RequestObserver | undefined;
  /** Requests that are made as a part of something are spans. */
  tracing?: Tracing | undefined;
  /** Connections for everything but watches (each watch has one of its own). Default 20. */
  connections?: number | undefined;
  /** Who writes, as `managedFields` say it; `aviary` unless told. */
  fieldManager?: string | undefined;
  /** How many requests this process sends. Absent: as many as are asked for. */
  rate?: RequestRate | undefined;
}

/** Opens no connection, and reads the kubeconfig or service account with the first request. */
export function createKubernetesClient(options: KubernetesClientOptions): KubernetesClient {
  const { access, clock, observe = () => undefined, tracing = noTracing } = options;
  const connections = createClusterConnections({ access, clock, connections: options.connections ?? 20 });
  const transport = createTransport({ ...options, connections, observe, tracing });
  return {
    ...createReader({ transport, clock }),
    ...createWriter({ transport, fieldManager: options.fieldManager ?? fieldManager }),
    close: () => connections.close(),
  };
}
