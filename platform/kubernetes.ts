import type { Clock, Random } from './clock.ts';
import type { KubernetesClient, RequestObserver } from './kubernetes-client.ts';
import type { Logger } from './logger.ts';

/** Where the API server is and who we are. Read the environment in main and say it here. */
export type ClusterAccess =
  | { kind: 'kubeconfig'; path: string; context?: string | undefined }
  /** `host` and `port` from KUBERNETES_SERVICE_HOST and _PORT; token and CA from the mounted service account. */
  | { kind: 'inCluster'; host: string; port: string; serviceAccountDir?: string | undefined };

export interface KubernetesClientOptions {
  access: ClusterAccess;
  /** As `aviary-worker/0.1.0`. */
  userAgent: string;
  clock: Clock;
  random: Random;
  log: Logger;
  observe?: RequestObserver | undefined;
  /** Connections for everything but watches (each watch has one of its own). Default 20. */
  connections?: number | undefined;
}

/** Reads the kubeconfig or service account and returns a client; opens no connection. Throws Error when they are unusable. */
export function createKubernetesClient(_options: KubernetesClientOptions): KubernetesClient {
  throw new Error('the Kubernetes client is under construction');
}
