// Makes the pods of a workload clients of the mesh: their outgoing connections pass through an Envoy of their own.
import { arrayAt, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { bootstrap, envoyUser, metricsPort, outboundPort } from './bootstrap.ts';
import type { ControlPlaneAddress } from './bootstrap.ts';

export interface Sidecar {
  /** An image with `envoy` and `nft` on its PATH. */
  readonly image: string;
  readonly controlPlane: ControlPlaneAddress;
  /** Name of the mesh; becomes label `mesh` of every statistic. */
  readonly mesh: string;
}

/**
 * The workload with two more init containers per pod: one redirects outgoing TCP connections, one is Envoy, a sidecar
 * in Kubernetes' own sense (1.29 or later): it is up before the first container starts and goes last.
 *
 * @throws Error when the object has no pod template
 */
export function withSidecar(workload: KubernetesObject, sidecar: Sidecar): KubernetesObject {
  const spec = recordAt(workload, 'spec');
  const template = recordAt(spec, 'template');
  const podSpec = recordAt(template, 'spec');
  if (podSpec === undefined) {
    const { kind, metadata } = workload;
    throw new Error(`${kind} ${metadata.name}: expected spec.template.spec, got none; only workloads take a sidecar`);
  }
  return {
    ...workload,
    spec: {
      ...spec,
      template: {
        ...template,
        metadata: { ...recordAt(template, 'metadata'), annotations: annotations(template, sidecar) },
        spec: {
          ...podSpec,
          initContainers: [redirect(sidecar), envoy(sidecar), ...arrayAt(podSpec, 'initContainers')],
        },
      },
    },
  };
}

/** Where Prometheus finds the statistics, in Kuma's own annotations. */
function annotations(template: JsonRecord | undefined, { mesh }: Sidecar): JsonRecord {
  return {
    ...recordAt(template, 'metadata', 'annotations'),
    'kuma.io/mesh': mesh,
    'prometheus.metrics.kuma.io/path': '/metrics',
    'prometheus.metrics.kuma.io/port': String(metricsPort),
  };
}

/** Deleting the table first makes a second run of the container harmless. Envoy's own connections must not come back. */
const redirection = [
  'add table ip mesh',
  'delete table ip mesh',
  'add table ip mesh',
  'add chain ip mesh output { type nat hook output priority -100 ; policy accept ; }',
  `add rule ip mesh output meta skuid ${envoyUser} return`,
  'add rule ip mesh output ip daddr 127.0.0.0/8 return',
  `add rule ip mesh output meta l4proto tcp redirect to :${outboundPort}`,
].join(' ; ');

function redirect({ image }: Sidecar): JsonRecord {
  return {
    name: 'mesh-redirect',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['nft', redirection],
    resources: { requests: { cpu: '5m', memory: '8Mi' } },
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    },
  };
}

/** Envoy does not take `--name=value`. One worker is plenty for one pod. */
const flags = {
  '--service-node': '$(POD_IP)~$(POD_NAME).$(POD_NAMESPACE)',
  '--service-cluster': '$(POD_NAMESPACE)',
  '--concurrency': '1',
  '--log-level': 'warning',
};

function envoy({ image, controlPlane, mesh }: Sidecar): JsonRecord {
  const fromField = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: 'mesh-envoy',
    image,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    command: ['envoy', '--disable-hot-restart', '--config-yaml', JSON.stringify(bootstrap(controlPlane, mesh))],
    args: Object.entries(flags).flat(),
    env: [
      fromField('POD_IP', 'status.podIP'),
      fromField('POD_NAME', 'metadata.name'),
      fromField('POD_NAMESPACE', 'metadata.namespace'),
    ],
    ports: [{ name: 'mesh-metrics', containerPort: metricsPort }],
    startupProbe: { httpGet: { path: '/ready', port: metricsPort }, periodSeconds: 1, failureThreshold: 120 },
    resources: { requests: { cpu: '20m', memory: '48Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      runAsUser: envoyUser,
      runAsGroup: envoyUser,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
