// What a client's Envoy starts with: where its configuration comes from, how connections reach it, its statistics.
import { routerFilter } from './envoy-resources.ts';
import { configSource, controlPlaneCluster } from './xds.ts';

/** Kuma's numbers: where captured connections arrive, what Envoy runs as, Envoy's own pages, MeshMetric's port. */
export const outboundPort = 15_001;
export const envoyUser = 5678;
export const metricsPort = 5670;
const adminPort = 9901;

export interface ControlPlaneAddress {
  readonly host: string;
  readonly port: number;
}

/** Envoy's bootstrap for one mesh. Every statistic carries the mesh's name as label `mesh`, as under Kuma. */
export function bootstrap(controlPlane: ControlPlaneAddress, mesh: string): object {
  return {
    admin: { address: address('127.0.0.1', adminPort) },
    stats_config: { stats_tags: [{ tag_name: 'mesh', fixed_value: mesh }] },
    // Envoy's own default of 5 s would keep durations from a story that steps every 5 s.
    stats_flush_interval: '1s',
    dynamic_resources: { lds_config: configSource, cds_config: configSource },
    static_resources: {
      listeners: [capturingListener, metricsListener],
      clusters: [controlPlaneUpstream(controlPlane), passthrough, adminUpstream],
    },
  };
}

function address(host: string, port: number): object {
  return { socket_address: { address: host, port_value: port } };
}

const passthroughName = 'outbound:passthrough:ipv4';

/** Takes what the redirection brings; what belongs to no destination of the mesh goes where it was going. */
const capturingListener = {
  name: passthroughName,
  address: address('0.0.0.0', outboundPort),
  use_original_dst: true,
  traffic_direction: 'OUTBOUND',
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.tcp_proxy',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
            stat_prefix: 'outbound_passthrough_ipv4',
            cluster: passthroughName,
          },
        },
      ],
    },
  ],
};

const passthrough = {
  name: passthroughName,
  type: 'ORIGINAL_DST',
  lb_policy: 'CLUSTER_PROVIDED',
  connect_timeout: '5s',
};

const adminUpstream = {
  name: 'envoy-admin',
  type: 'STATIC',
  load_assignment: upstream('envoy-admin', { host: '127.0.0.1', port: adminPort }),
};

/** Only what Prometheus and the kubelet may see of Envoy's own pages is reachable from outside the pod. */
const metricsListener = {
  name: 'metrics',
  address: address('0.0.0.0', metricsPort),
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            stat_prefix: 'metrics',
            http_filters: [routerFilter],
            route_config: {
              virtual_hosts: [
                {
                  name: 'metrics',
                  domains: ['*'],
                  routes: [adminRoute('/metrics', '/stats/prometheus?usedonly'), adminRoute('/ready', '/ready')],
                },
              ],
            },
          },
        },
      ],
    },
  ],
};

function adminRoute(path: string, target: string): object {
  return { match: { path }, route: { cluster: 'envoy-admin', regex_rewrite: rewriteTo(target) } };
}

/** A plain path rewrite would keep no query; the expression replaces the whole path, query included. */
function rewriteTo(target: string): object {
  return { pattern: { regex: '^.*$' }, substitution: target };
}

function controlPlaneUpstream({ host, port }: ControlPlaneAddress): object {
  return {
    name: controlPlaneCluster,
    type: 'STRICT_DNS',
    dns_lookup_family: 'V4_ONLY',
    connect_timeout: '1s',
    load_assignment: upstream(controlPlaneCluster, { host, port }),
  };
}

function upstream(name: string, { host, port }: ControlPlaneAddress): object {
  return {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: address(host, port) } }] }],
  };
}
