/** Contour in Kubernetes: the control plane of the Gateway API, which tells Envoy what to do. */
import { stringify } from 'yaml';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { programAccount, programDeployment, programService, restricted } from '../program-objects.ts';
import { gatewayName, gatewayNamespace } from './gateway.ts';

export const contourName = 'contour';
export const contourImage = 'sandbox.local/contour:1';
export const xdsPort = 8001;
const statusPort = 8000;

const read = ['get', 'list', 'watch'];
const report = ['get', 'create', 'update'];

const routeKinds = ['grpcroutes', 'httproutes', 'tcproutes', 'tlsroutes', 'backendtlspolicies'];
const gatewayKinds = ['gatewayclasses', 'gateways', ...routeKinds];
const ownKinds = ['contourconfigurations', 'extensionservices', 'httpproxies'];
const statusOf = (kinds: readonly string[]): string[] => kinds.map((kind) => `${kind}/status`);

/** Contour reads the kinds that it can be told by, whichever of them are used, and reports into their status. */
const rules = [
  { apiGroups: [''], resources: ['configmaps', 'namespaces', 'secrets', 'services'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['gateway.networking.k8s.io'], resources: [...gatewayKinds, 'referencegrants'], verbs: read },
  { apiGroups: ['gateway.networking.k8s.io'], resources: statusOf(gatewayKinds), verbs: ['update'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: read },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: report },
  { apiGroups: ['projectcontour.io'], resources: [...ownKinds, 'tlscertificatedelegations'], verbs: read },
  { apiGroups: ['projectcontour.io'], resources: statusOf(ownKinds), verbs: report },
];

/** Envoy's log names the requests that ended badly, with the reason; the others would only cost time. */
const settings = {
  gateway: { gatewayRef: { namespace: gatewayNamespace, name: gatewayName } },
  'accesslog-level': 'critical',
};

/** One Contour; its Envoys reach it without TLS, inside the cluster only. */
export const contourObjects = (): KubernetesObject[] => [
  ...programAccount({ name: contourName, namespace: gatewayNamespace, rules }),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: contourName, namespace: gatewayNamespace },
    data: { 'contour.yaml': stringify(settings) },
  },
  programDeployment({
    name: contourName,
    namespace: gatewayNamespace,
    serviceAccountName: contourName,
    container: {
      image: contourImage,
      imagePullPolicy: 'IfNotPresent',
      args: [
        'serve',
        '--incluster',
        '--insecure',
        '--xds-address=0.0.0.0',
        `--xds-port=${xdsPort}`,
        `--http-port=${statusPort}`,
        '--disable-leader-election',
        '--config-path=/config/contour.yaml',
      ],
      ports: [
        { name: 'xds', containerPort: xdsPort },
        { name: 'status', containerPort: statusPort },
      ],
      // It serves Envoys only once it has seen the whole cluster; its health page answers before that.
      readinessProbe: { tcpSocket: { port: xdsPort }, periodSeconds: 1 },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
      securityContext: restricted,
      volumeMounts: [{ name: 'settings', mountPath: '/config' }],
    },
    volumes: [{ name: 'settings', configMap: { name: contourName } }],
  }),
  programService({ name: contourName, namespace: gatewayNamespace, port: xdsPort }),
];
