// Builders of cluster objects as the API server would send them, read through the schemas that the stand-in uses.
import { endpointSliceSchema, serviceSchema } from '../../sandbox/mesh/kubernetes-objects.ts';
import type { EndpointSlice, Service } from '../../sandbox/mesh/kubernetes-objects.ts';
import { meshHttpRouteSchema, trafficRouteSchema } from '../../sandbox/mesh/kuma-objects.ts';
import type { MeshHttpRoute, TrafficRoute } from '../../sandbox/mesh/kuma-objects.ts';

interface ServiceOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly clusterIP?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** A Service with port http 9898; with `protocol` it carries Kuma's annotation. */
export function service(options: ServiceOptions): Service {
  const { name, namespace = 'test', clusterIP = '10.96.0.7', protocol, appProtocol } = options;
  return serviceSchema.parse({
    metadata: {
      name,
      namespace,
      annotations: protocol === undefined ? {} : { '9898.service.kuma.io/protocol': protocol },
    },
    spec: { clusterIP, ports: [{ name: 'http', port: 9898, appProtocol }] },
  });
}

interface SliceOptions {
  readonly service: string;
  readonly namespace?: string;
  readonly pods: readonly Pod[];
}

interface Pod {
  readonly address: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export function slice({ service: name, namespace = 'test', pods }: SliceOptions): EndpointSlice {
  return endpointSliceSchema.parse({
    metadata: { name: `${name}-x7f`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 9898 }],
    endpoints: pods.map(({ address, ...conditions }) => ({ addresses: [address], conditions })),
  });
}

interface RouteOptions {
  readonly primary: number;
  readonly canary: number;
  readonly namespace?: string;
  readonly mesh?: string;
}

/** The MeshHTTPRoute that Aviary writes for podinfo in the 2.x dialect. */
export function weightedRoute({ primary, canary, namespace = 'test', mesh }: RouteOptions): MeshHttpRoute {
  const ref = (name: string): object => ({ kind: 'MeshService', name: `${name}_${namespace}_svc_9898` });
  return meshHttpRouteSchema.parse({
    metadata: { name: 'podinfo', namespace, labels: mesh === undefined ? {} : { 'kuma.io/mesh': mesh } },
    spec: {
      targetRef: { kind: 'Mesh' },
      to: [
        {
          targetRef: ref('podinfo'),
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: '/' } }],
              default: {
                backendRefs: [
                  { ...ref('podinfo-primary'), weight: primary },
                  { ...ref('podinfo-canary'), weight: canary },
                ],
              },
            },
          ],
        },
      ],
    },
  });
}

/** A MeshHTTPRoute of namespace test with these rules for podinfo. */
export function routeWithRules(rules: readonly object[]): MeshHttpRoute {
  return meshHttpRouteSchema.parse({
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: { to: [{ targetRef: { kind: 'MeshService', name: 'podinfo_test_svc_9898' }, rules }] },
  });
}

export function trafficRoute(primary: number, canary: number): TrafficRoute {
  const tag = (name: string): object => ({ 'kuma.io/service': `${name}_test_svc_9898` });
  return trafficRouteSchema.parse({
    metadata: { name: 'podinfo' },
    mesh: 'default',
    spec: {
      destinations: [{ match: tag('podinfo') }],
      conf: {
        split: [
          { weight: primary, destination: tag('podinfo-primary') },
          { weight: canary, destination: tag('podinfo-canary') },
        ],
      },
    },
  });
}

/** Services podinfo, podinfo-primary and podinfo-canary of a namespace. */
export function podinfoServices(namespace = 'test'): Service[] {
  return ['podinfo', 'podinfo-primary', 'podinfo-canary'].map((name, index) =>
    service({ name, namespace, clusterIP: `10.96.0.${index + 1}`, protocol: 'http' }),
  );
}
