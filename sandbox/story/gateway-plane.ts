import { isRecord, recordAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { readEnvironment } from '../environment.ts';
import { contourName, contourObjects } from '../gateway/contour.ts';
import { gatewayDefinitions } from '../gateway/definitions.ts';
import { envoyName, envoyObjects } from '../gateway/envoy.ts';
import { gatewayName, gatewayNamespace, gatewayObjects } from '../gateway/gateway.ts';
import { storefrontObjects } from '../mesh/storefront/objects.ts';
import { podScrapeJob, targetsName, targetsObjects } from '../targets/objects.ts';
import type { DataPlane } from './data-plane.ts';
import { parseObjects } from './example.ts';
import { storyNamespace, systemNamespace } from './objects.ts';

/** The canary's pods, as the built-in checks of the Gateway API choose them. */
const canaryPods = `kubernetes_namespace="${storyNamespace}",kubernetes_pod_name=~"podinfo-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"`;

/**
 * The kubelet's questions are no traffic: podinfo answers 503 to them until it is ready and when it ends, which would
 * count against a good release.
 */
const withoutProbes = {
  source_labels: ['__name__', 'path'],
  regex: 'http_request_duration_seconds_.+;(healthz|readyz)',
  action: 'drop',
} as const;

/** Contour and Envoy, both as they are; podinfo is called from outside of any mesh, through the gateway. */
export const gatewayPlane: DataPlane = {
  provider: 'gatewayapi:v1',
  description:
    'Contour, a real implementation of the Gateway API, and a real Envoy carry all traffic: nothing of the data path ' +
    'is ours. A small program of this sandbox only tells Prometheus which pods to scrape.',
  images: ['envoy', 'contour'],
  definitions: async () => (await gatewayDefinitions(readEnvironment())).flatMap(parseObjects),
  objects: ({ envoy, programs }) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: gatewayNamespace } },
    ...gatewayObjects(),
    ...contourObjects(),
    ...envoyObjects(envoy),
    ...targetsObjects(systemNamespace, programs),
  ],
  deployments: [
    { namespace: gatewayNamespace, name: contourName },
    { namespace: gatewayNamespace, name: envoyName },
    { namespace: systemNamespace, name: targetsName },
  ],
  scrapeJobs: (interval) => [{ ...podScrapeJob(systemNamespace, interval), metric_relabel_configs: [withoutProbes] }],
  loadTester: (deployment) => deployment,
  storefront: ({ programs }) => {
    const { workload, service } = storefrontObjects(programs, {
      namespace: storyNamespace,
      url: `http://${envoyName}.${gatewayNamespace}/api/info`,
      countBy: 'message',
      requestsPerSecond: 20,
    });
    return [workload, service];
  },
  canary: onGateway,
  queries: (window) => ({
    successRate:
      `sum(rate(http_request_duration_seconds_count{${canaryPods},status!~"5.."}[${window}]))` +
      ` / sum(rate(http_request_duration_seconds_count{${canaryPods}}[${window}])) * 100`,
    duration: `histogram_quantile(0.99, sum(rate(http_request_duration_seconds_bucket{${canaryPods}}[${window}])) by (le)) * 1000`,
  }),
};

/** The example's Canary with a gateway in place of the mesh. */
function onGateway(example: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = example.metadata;
  const kept = withoutKuma(annotations ?? {});
  const spec = recordAt(example, 'spec') ?? {};
  const service = Object.entries(recordAt(spec, 'service') ?? {}).map(([key, part]) => [key, partOnGateway(part)]);
  return {
    ...example,
    metadata: isEmpty(kept) ? metadata : { ...metadata, annotations: kept },
    spec: {
      ...spec,
      provider: gatewayPlane.provider,
      service: {
        ...Object.fromEntries(service.filter(([, part]) => !(isRecord(part) && isEmpty(part)))),
        gatewayRefs: [{ name: gatewayName, namespace: gatewayNamespace }],
      },
    },
  };
}

/** Apex, canary or primary of a Canary's service; any other field stays as it is. */
function partOnGateway(part: unknown): unknown {
  const annotations = recordAt(part, 'annotations');
  if (!isRecord(part) || annotations === undefined) return part;
  const { annotations: _replaced, ...others } = part;
  const kept = withoutKuma(annotations);
  return isEmpty(kept) ? others : { ...others, annotations: kept };
}

const withoutKuma = <T>(annotations: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !/(^|\.)kuma\.io\//.test(key)));

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;
