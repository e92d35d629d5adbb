/** The product's client on an API server, a real or a scripted one. */
import { systemClock } from '../../platform/clock.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import type { KubernetesClientOptions } from '../../platform/kubernetes/kubernetes.ts';
import { silentLogger } from '../../platform/observability/logger.ts';

/** @param options laid over what tests have in common */
export const clientOn = (
  { kubeconfigPath }: { readonly kubeconfigPath: string },
  options: Partial<KubernetesClientOptions> = {},
): KubernetesClient =>
  createKubernetesClient({
    access: { kind: 'kubeconfig', path: kubeconfigPath },
    userAgent: 'aviary-test',
    clock: systemClock,
    random: Math.random,
    log: silentLogger,
    ...options,
  });
