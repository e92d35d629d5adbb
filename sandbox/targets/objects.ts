/** The Kubernetes objects of the program that tells Prometheus which pods to scrape, and the scrape job that asks it. */
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { nodeProgram, programAccount, programDeployment, programService } from '../program-objects.ts';

export const targetsName = 'prometheus-targets';
const port = 8080;

/** @param image starts node programs of `out/`, relative to its working directory */
export const targetsObjects = (namespace: string, image: string): KubernetesObject[] => [
  ...programAccount({
    name: targetsName,
    namespace,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }],
  }),
  programDeployment({
    name: targetsName,
    namespace,
    serviceAccountName: targetsName,
    container: {
      ...nodeProgram(image, 'targets'),
      env: [{ name: 'PORT', value: String(port) }],
      ports: [{ name: 'http', containerPort: port }],
      readinessProbe: { httpGet: { path: '/ready', port }, periodSeconds: 1 },
    },
  }),
  programService({ name: targetsName, namespace, port }),
];

/**
 * The scrape job of all pods that say so by annotation. Not every build of Prometheus (Debian's, for one) can ask
 * Kubernetes itself.
 * @param interval between two scrapes, as `1s`
 */
export const podScrapeJob = (namespace: string, interval: string): object => ({
  job_name: 'kubernetes-pods',
  scrape_interval: interval,
  http_sd_configs: [{ url: `http://${targetsName}.${namespace}:${port}/targets`, refresh_interval: '1s' }],
});
