import { meshInstallation, meshNamespace, prometheusScrapeJob, sidecarOf, storefront } from '../mesh/install.ts';
import { withSidecar } from '../mesh/sidecar.ts';
import type { DataPlane } from './data-plane.ts';
import { storyNamespace } from './objects.ts';

const canaryCluster = 'envoy_cluster_name="podinfo-canary_test_svc_9898"';

/** Kuma's objects and names on real Envoys. */
export const kumaPlane: DataPlane = {
  provider: 'kuma',
  description:
    "Envoy is real and carries all traffic; a small program of this sandbox stands in for Kuma's control plane: it " +
    "reads Kuma's own MeshHTTPRoute objects and configures the Envoys as Kuma names and counts things.",
  images: ['envoy'],
  definitions: () => Promise.resolve(meshInstallation({ aviary: '' }).definitions),
  objects: (images) => meshInstallation({ aviary: images.programs }).objects,
  deployments: [{ namespace: meshNamespace, name: 'mesh-control-plane' }],
  scrapeJobs: (interval) => [{ ...prometheusScrapeJob(), scrape_interval: interval }],
  loadTester: (deployment, images) => withSidecar(deployment, sidecarOf(images)),
  storefront: (images) =>
    storefront(
      { aviary: images.programs, envoy: images.envoy },
      {
        namespace: storyNamespace,
        url: 'http://podinfo.test:9898/api/info',
        countBy: 'message',
        requestsPerSecond: 40,
      },
    ),
  canary: (example) => example,
  queries: (window) => ({
    successRate:
      `sum(rate(envoy_cluster_upstream_rq{${canaryCluster},envoy_response_code!~"5.."}[${window}]))` +
      ` / sum(rate(envoy_cluster_upstream_rq{${canaryCluster}}[${window}])) * 100`,
    duration: `histogram_quantile(0.99, sum(rate(envoy_cluster_upstream_rq_time_bucket{${canaryCluster}}[${window}])) by (le))`,
  }),
};
