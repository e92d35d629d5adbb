/** The gateway as its users see it: a class, and a Gateway that routes of all namespaces may hang on. */
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/** The namespace that Contour expects to exist. */
export const gatewayNamespace = 'projectcontour';
export const gatewayName = 'public';
const className = 'contour';
const apiVersion = 'gateway.networking.k8s.io/v1';

export const gatewayObjects = (): KubernetesObject[] => [
  {
    apiVersion,
    kind: 'GatewayClass',
    metadata: { name: className },
    spec: { controllerName: 'projectcontour.io/gateway-controller' },
  },
  {
    apiVersion,
    kind: 'Gateway',
    metadata: { name: gatewayName, namespace: gatewayNamespace },
    spec: {
      gatewayClassName: className,
      listeners: [{ name: 'http', protocol: 'HTTP', port: 80, allowedRoutes: { namespaces: { from: 'All' } } }],
    },
  },
];
