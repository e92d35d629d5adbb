// The Kubernetes objects of the stand-in for Kuma. Whoever applies them chooses the images.
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { nodeProgram, programAccount, programDeployment, programService } from '../program-objects.ts';
import type { ControlPlaneAddress } from './bootstrap.ts';
import { meshDefinitions } from './crds.ts';
import { withSidecar } from './sidecar.ts';
import type { Sidecar } from './sidecar.ts';
import { storefrontObjects } from './storefront/objects.ts';
import type { Storefront } from './storefront/objects.ts';

export const meshNamespace = 'mesh-system';
export const meshName = 'default';
const controlPlaneName = 'mesh-control-plane';
const controlPlanePort = 5678;

/** Aviary's image starts node programs of `out/`, relative to its working directory; Envoy's holds `envoy` and `nft`. */
export interface MeshImages {
  readonly aviary: string;
  readonly envoy: string;
}

/** What to install, in two steps: the objects need the definitions to be established. */
export interface MeshInstallation {
  readonly definitions: readonly KubernetesObject[];
  readonly objects: readonly KubernetesObject[];
}

const controlPlane: ControlPlaneAddress = {
  host: `${controlPlaneName}.${meshNamespace}.svc.cluster.local`,
  port: controlPlanePort,
};

/** What `withSidecar` needs to make a workload a client of the installed mesh. */
export function sidecarOf(images: Pick<MeshImages, 'envoy'>): Sidecar {
  return { image: images.envoy, controlPlane, mesh: meshName };
}

/** Kuma's kinds, the control plane and the Mesh object `default`. */
export function meshInstallation({ aviary }: Pick<MeshImages, 'aviary'>): MeshInstallation {
  return {
    definitions: meshDefinitions(),
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: meshNamespace } },
      { apiVersion: 'kuma.io/v1alpha1', kind: 'Mesh', metadata: { name: meshName }, spec: {} },
      ...programAccount({ name: controlPlaneName, namespace: meshNamespace, rules: controlPlaneRules }),
      controlPlaneDeployment(aviary),
      programService({ name: controlPlaneName, namespace: meshNamespace, port: controlPlanePort }),
    ],
  };
}

const controlPlaneRules = [
  { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  { apiGroups: ['kuma.io'], resources: ['meshhttproutes', 'trafficroutes'], verbs: ['list', 'watch'] },
];

function controlPlaneDeployment(image: string): KubernetesObject {
  return programDeployment({
    name: controlPlaneName,
    namespace: meshNamespace,
    serviceAccountName: controlPlaneName,
    container: {
      ...nodeProgram(image, 'mesh/control-plane'),
      env: [
        { name: 'MESH_NAME', value: meshName },
        { name: 'PORT', value: String(controlPlanePort) },
      ],
      ports: [{ name: 'xds', containerPort: controlPlanePort }],
      readinessProbe: { httpGet: { path: '/ready', port: controlPlanePort }, periodSeconds: 1 },
    },
  });
}

/** A storefront that calls through the mesh. */
export function storefront(images: MeshImages, options: Storefront): KubernetesObject[] {
  const { workload, service } = storefrontObjects(images.aviary, options);
  return [withSidecar(workload, sidecarOf(images)), service];
}

/**
 * The scrape job for every sidecar; series carry `namespace` and `pod`, as with Kuma. The control plane lists them,
 * because not every build of Prometheus (Debian's, for one) can ask Kubernetes.
 */
export function prometheusScrapeJob(): object {
  return {
    job_name: 'kuma-dataplanes',
    metrics_path: '/metrics',
    scrape_interval: '5s',
    http_sd_configs: [
      { url: `http://${controlPlane.host}:${controlPlane.port}/prometheus/targets`, refresh_interval: '5s' },
    ],
  };
}
