// The storefront in Kubernetes: the workload, still outside of any mesh, and the Service that shows its counts.
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { nodeProgram, programDeployment, programService } from '../../program-objects.ts';

export interface Storefront {
  readonly namespace: string;
  /** Called over and over, e.g. `http://podinfo.test:9898/api/info`. */
  readonly url: string;
  /** Field of the JSON answer by which answers are counted apart, e.g. `version`. */
  readonly countBy: string;
  readonly requestsPerSecond: number;
}

export interface StorefrontObjects {
  readonly workload: KubernetesObject;
  readonly service: KubernetesObject;
}

const name = 'storefront';
const port = 8080;

/** A shop window that calls a service at a fixed rate; GET /counts on port 8080 tells what came back. */
export function storefrontObjects(image: string, options: Storefront): StorefrontObjects {
  const { namespace, url, countBy, requestsPerSecond } = options;
  const workload = programDeployment({
    name,
    namespace,
    container: {
      ...nodeProgram(image, 'mesh/storefront'),
      env: [
        { name: 'TARGET_URL', value: url },
        { name: 'COUNT_BY', value: countBy },
        { name: 'REQUESTS_PER_SECOND', value: String(requestsPerSecond) },
        { name: 'PORT', value: String(port) },
      ],
      ports: [{ name: 'http', containerPort: port }],
      readinessProbe: { httpGet: { path: '/counts', port }, periodSeconds: 1 },
    },
  });
  return { workload, service: programService({ name, namespace, port }) };
}
