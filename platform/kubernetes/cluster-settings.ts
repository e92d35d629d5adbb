import { ConfigError } from '../config.ts';
import { integer, text } from '../config-values.ts';
import type { ClusterAccess } from './access.ts';

/** The variables that say which cluster a process works for; spread them into its schema. */
export const clusterFields = {
  KUBECONFIG: text('the path of a kubeconfig').optional().describe('which cluster to use from outside of it'),
  KUBE_CONTEXT: text('the name of a context').optional().describe('which context of the kubeconfig to use'),
  KUBERNETES_SERVICE_HOST: text('a host name or address').optional().describe('set by Kubernetes in every pod'),
  KUBERNETES_SERVICE_PORT: text('a port').default('443').describe('set by Kubernetes in every pod'),
  KUBERNETES_ACCOUNT_DIR: text('the path of a directory')
    .optional()
    .describe("where token and ca.crt of the pod's account are, if not where Kubernetes mounts them"),
  KUBERNETES_QPS: integer({ min: 1, max: 100_000 })
    .default(500)
    .describe('requests a second that the process sends to the API server in the long run'),
  KUBERNETES_BURST: integer({ min: 1, max: 100_000 })
    .default(1_000)
    .describe('requests that it may send at once after a rest'),
};

/** How many requests a process may send. */
export interface ClusterRate {
  readonly qps: number;
  readonly burst: number;
}

export const clusterRateOf = (values: {
  readonly KUBERNETES_QPS: number;
  readonly KUBERNETES_BURST: number;
}): ClusterRate => ({ qps: values.KUBERNETES_QPS, burst: values.KUBERNETES_BURST });

export interface ClusterValues {
  readonly KUBECONFIG?: string | undefined;
  readonly KUBE_CONTEXT?: string | undefined;
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT: string;
  readonly KUBERNETES_ACCOUNT_DIR?: string | undefined;
}

/** A kubeconfig that is named wins over the pod's own account. Throws ConfigError when there is neither. */
export function clusterAccessOf(values: ClusterValues): ClusterAccess {
  if (values.KUBECONFIG !== undefined) {
    return { kind: 'kubeconfig', path: values.KUBECONFIG, context: values.KUBE_CONTEXT };
  }
  if (values.KUBERNETES_SERVICE_HOST !== undefined) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBERNETES_ACCOUNT_DIR: directory } = values;
    return { kind: 'inCluster', host, port, ...(directory !== undefined && { serviceAccountDir: directory }) };
  }
  throw new ConfigError([
    {
      name: 'KUBECONFIG',
      expected: 'the path of a kubeconfig, or to run in a pod, where Kubernetes sets KUBERNETES_SERVICE_HOST',
      got: 'nothing',
      purpose: 'which cluster to use',
    },
  ]);
}
