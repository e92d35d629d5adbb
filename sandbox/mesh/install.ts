// The Kubernetes objects of the stand-in for Kuma. Whoever applies them chooses the images.
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import type { ControlPlaneAddress } from './bootstrap.ts';
import { meshDefinitions } from './crds.ts';
import { withSidecar } from './sidecar.ts';
import type { Sidecar } from './sidecar.ts';

export const meshNamespace = 'mesh-system';
export const meshName = 'default';
const controlPlaneName = 'mesh-control-plane';
const controlPlanePort = 5678;
const storefrontPort = 8080;

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
      ...permissions(),
      controlPlaneDeployment(aviary),
      service({ name: controlPlaneName, namespace: meshNamespace, port: controlPlanePort }),
    ],
  };
}

function permissions(): KubernetesObject[] {
  const metadata = { name: controlPlaneName };
  const verbs = ['list', 'watch'];
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: controlPlaneName, namespace: meshNamespace },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [
        { apiGroups: [''], resources: ['services'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
        { apiGroups: ['kuma.io'], resources: ['meshhttproutes', 'trafficroutes'], verbs },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: controlPlaneName },
      subjects: [{ kind: 'ServiceAccount', name: controlPlaneName, namespace: meshNamespace }],
    },
  ];
}

function controlPlaneDeployment(image: string): KubernetesObject {
  return deployment({
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

export interface Storefront {
  readonly namespace: string;
  /** Called over and over, e.g. `http://podinfo.test:9898/api/info`. */
  readonly url: string;
  /** Field of the JSON answer by which answers are counted apart, e.g. `version`. */
  readonly countBy: string;
  readonly requestsPerSecond: number;
}

/** A shop window that calls a service through the mesh at a fixed rate; GET /counts on port 8080 tells what came back. */
export function storefront(images: MeshImages, options: Storefront): KubernetesObject[] {
  const { namespace, url, countBy, requestsPerSecond } = options;
  const workload = deployment({
    name: 'storefront',
    namespace,
    container: {
      ...nodeProgram(images.aviary, 'mesh/storefront'),
      env: [
        { name: 'TARGET_URL', value: url },
        { name: 'COUNT_BY', value: countBy },
        { name: 'REQUESTS_PER_SECOND', value: String(requestsPerSecond) },
        { name: 'PORT', value: String(storefrontPort) },
      ],
      ports: [{ name: 'http', containerPort: storefrontPort }],
      readinessProbe: { httpGet: { path: '/counts', port: storefrontPort }, periodSeconds: 1 },
    },
  });
  return [withSidecar(workload, sidecarOf(images)), service({ name: 'storefront', namespace, port: storefrontPort })];
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

function nodeProgram(image: string, program: string): Record<string, unknown> {
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `out/sandbox/${program}/main.js`],
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

interface SmallDeployment {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccountName?: string;
  readonly container: Record<string, unknown>;
}

function deployment({ name, namespace, serviceAccountName, container }: SmallDeployment): KubernetesObject {
  const labels = { app: name };
  const account = serviceAccountName === undefined ? { automountServiceAccountToken: false } : { serviceAccountName };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { ...account, terminationGracePeriodSeconds: 5, containers: [{ name, ...container }] },
      },
    },
  };
}

interface PlainService {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
}

function service({ name, namespace, port }: PlainService): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: port }] },
  };
}
