// From destinations and Kuma's routes to what Envoy is told. Pure: the same objects give the same resources.
import type { Destination } from './destination.ts';
import { routeMatch } from './route-match.ts';
import { splitRules } from './split.ts';
import type { Backend, MeshRoutes, Mirror, SplitRule } from './split.ts';
import { configSource, typeUrls } from './xds.ts';
import type { EnvoyResource, EnvoyResources } from './xds.ts';

/**
 * Resources for every client of the mesh: a listener for each destination's address, its route by weight, a cluster
 * under Kuma's name and its endpoints. Limits, timeouts and retries are the policies that Kuma creates with a mesh.
 */
export function envoyResources(known: readonly Destination[], routes: MeshRoutes): EnvoyResources {
  return {
    clusters: known.map(cluster),
    endpoints: known.map(loadAssignment),
    listeners: known.map(listener),
    routes: known.map((destination) => routeConfiguration(destination, splitRules(destination, routes, known))),
  };
}

function cluster({ name }: Destination): EnvoyResource {
  return {
    '@type': typeUrls.clusters,
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: configSource },
    connect_timeout: '5s',
    circuit_breakers: {
      thresholds: [{ max_connections: 1024, max_pending_requests: 1024, max_requests: 1024, max_retries: 3 }],
    },
  };
}

function loadAssignment({ name, endpoints }: Destination): EnvoyResource {
  const hosts = endpoints.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } }));
  return { '@type': typeUrls.endpoints, cluster_name: name, endpoints: [{ lb_endpoints: hosts }] };
}

function socketAddress(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}

function routeName({ name }: Destination): string {
  return `outbound:${name}`;
}

/** Never bound: the capturing listener hands a connection over by its original destination. */
function listener(destination: Destination): EnvoyResource {
  const { name, clusterIP, port } = destination;
  return {
    '@type': typeUrls.listeners,
    name: `outbound:${clusterIP}:${port}`,
    address: socketAddress(clusterIP, port),
    bind_to_port: false,
    traffic_direction: 'OUTBOUND',
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type':
                'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              stat_prefix: name,
              stream_idle_timeout: '1800s',
              rds: { route_config_name: routeName(destination), config_source: configSource },
              http_filters: [routerFilter],
            },
          },
        ],
      },
    ],
  };
}

/** The last HTTP filter of every connection manager: the one that forwards. */
export const routerFilter = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
} as const;

function routeConfiguration(destination: Destination, rules: readonly SplitRule[]): EnvoyResource {
  return {
    '@type': typeUrls.routes,
    name: routeName(destination),
    virtual_hosts: [{ name: destination.name, domains: ['*'], routes: rules.map(route) }],
  };
}

function route({ match, backends, mirrors }: SplitRule): object {
  if (backends.length === 0) return { match: routeMatch(match), direct_response: { status: 503 } };
  return {
    match: routeMatch(match),
    route: {
      weighted_clusters: { clusters: backends.map(({ cluster: name, weight }: Backend) => ({ name, weight })) },
      request_mirror_policies: mirrors.map(mirrorPolicy),
      timeout: '15s',
      retry_policy: retryPolicy,
    },
  };
}

function mirrorPolicy({ cluster: name, percentage }: Mirror): object {
  const numerator = Math.round(percentage * 10_000);
  return { cluster: name, runtime_fraction: { default_value: { numerator, denominator: 'MILLION' } } };
}

/**
 * Kuma's mesh-retry-all-default, and two things that pods on their way out need: a request that never left is sent
 * again, and a second try avoids the pod of the first.
 */
const retryPolicy = {
  retry_on: 'gateway-error,connect-failure,refused-stream,reset-before-request',
  num_retries: 5,
  per_try_timeout: '16s',
  retry_back_off: { base_interval: '0.025s', max_interval: '0.25s' },
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  host_selection_retry_max_attempts: 3,
} as const;
