/** The gateway's Envoy in Kubernetes. Contour writes what it starts with and tells it all the rest. */
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { programDeployment, programService, restricted } from '../program-objects.ts';
import { contourImage, contourName, xdsPort } from './contour.ts';
import { gatewayNamespace } from './gateway.ts';

export const envoyName = 'envoy';
/** Where Contour has Envoy listen for a listener of port 80, and for questions about itself. */
const trafficPort = 8080;
const statusPort = 8002;

const settingsFile = '/config/envoy.json';
const settings = { name: 'settings', mountPath: '/config' };

const bootstrap = {
  name: 'bootstrap',
  image: contourImage,
  imagePullPolicy: 'IfNotPresent',
  args: [
    'bootstrap',
    settingsFile,
    '--admin-address=/config/admin.sock',
    `--xds-address=${contourName}.${gatewayNamespace}.svc.cluster.local`,
    `--xds-port=${xdsPort}`,
    '--xds-resource-version=v3',
  ],
  env: [{ name: 'CONTOUR_NAMESPACE', value: gatewayNamespace }],
  securityContext: restricted,
  volumeMounts: [settings],
};

/** Envoy does not take `--name=value`. One worker is plenty for one node. */
const flags = {
  '-c': settingsFile,
  '--service-cluster': gatewayNamespace,
  '--service-node': '$(POD_NAME)',
  '--concurrency': '1',
  '--log-level': 'warning',
};

/** One Envoy, ready once Contour has told it its listeners. Its statistics are offered to Prometheus by annotation. */
export const envoyObjects = (image: string): KubernetesObject[] => [
  programDeployment({
    name: envoyName,
    namespace: gatewayNamespace,
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': String(statusPort),
      'prometheus.io/path': '/stats/prometheus',
    },
    initContainers: [bootstrap],
    container: {
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['envoy', '--disable-hot-restart'],
      args: Object.entries(flags).flat(),
      env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      ports: [
        { name: 'http', containerPort: trafficPort },
        { name: 'status', containerPort: statusPort },
      ],
      readinessProbe: { httpGet: { path: '/ready', port: statusPort }, periodSeconds: 1 },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
      securityContext: restricted,
      volumeMounts: [settings],
    },
    volumes: [{ name: settings.name, emptyDir: {} }],
  }),
  programService({ name: envoyName, namespace: gatewayNamespace, port: 80, targetPort: trafficPort }),
];
