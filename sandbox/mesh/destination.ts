// Which Service ports belong to the mesh, and which pods stand behind each of them.
import type { EndpointSlice, Service } from './kubernetes-objects.ts';

/** One HTTP port of one Service: what Kuma calls an outbound. */
export interface Destination {
  /** Kuma's name, `<service>_<namespace>_svc_<port>`: the tag, the Envoy cluster and the label of its statistics. */
  readonly name: string;
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  readonly portName: string;
  readonly clusterIP: string;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface ServicePort {
  readonly service: Service;
  readonly port: Service['spec']['ports'][number];
}

/** Every HTTP port of every Service with an address of its own, ordered by name. Other ports are passed through. */
export function destinations(services: readonly Service[], slices: readonly EndpointSlice[]): Destination[] {
  return services
    .filter((service) => hasClusterIP(service))
    .flatMap((service) => service.spec.ports.map((port) => ({ service, port })))
    .filter(isHttp)
    .map((servicePort) => toDestination(servicePort, slices))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Kuma's legacy name of a Service port. */
export function legacyName(service: string, namespace: string, port: number): string {
  return `${service}_${namespace}_svc_${port}`;
}

function hasClusterIP({ spec }: Service): boolean {
  return spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';
}

function isHttp({ service, port }: ServicePort): boolean {
  const protocol = service.metadata.annotations[`${port.port}.service.kuma.io/protocol`] ?? port.appProtocol;
  return protocol === 'http';
}

function toDestination({ service, port }: ServicePort, slices: readonly EndpointSlice[]): Destination {
  const { name, namespace } = service.metadata;
  return {
    name: legacyName(name, namespace, port.port),
    service: name,
    namespace,
    port: port.port,
    portName: port.name === '' ? String(port.port) : port.name,
    clusterIP: service.spec.clusterIP ?? '',
    endpoints: endpointsOf({ service, port }, slices),
  };
}

/**
 * Ready pods; when there is none, those that still serve while they terminate. kube-proxy chooses the same way, so a
 * client inside the mesh and one outside reach the same pods.
 */
function endpointsOf({ service, port }: ServicePort, slices: readonly EndpointSlice[]): Endpoint[] {
  const own = slices.filter(
    ({ metadata, addressType }) =>
      addressType === 'IPv4' &&
      metadata.namespace === service.metadata.namespace &&
      metadata.labels['kubernetes.io/service-name'] === service.metadata.name,
  );
  const ready = own.flatMap((slice) => addresses(slice, port.name, (conditions) => conditions.ready ?? true));
  if (ready.length > 0) return ready.sort(byAddress);
  return own
    .flatMap((slice) =>
      addresses(slice, port.name, ({ serving, terminating }) => serving === true && terminating === true),
    )
    .sort(byAddress);
}

type Conditions = NonNullable<EndpointSlice['endpoints']>[number]['conditions'];

function addresses(slice: EndpointSlice, portName: string, accept: (conditions: Conditions) => boolean): Endpoint[] {
  const port = slice.ports?.find(({ name }) => name === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => accept(conditions))
    .flatMap((endpoint) => endpoint.addresses.slice(0, 1).map((address) => ({ address, port })));
}

function byAddress(a: Endpoint, b: Endpoint): number {
  return a.address < b.address ? -1 : 1;
}
