// The words that the control plane and its Envoys share: resource types, their addresses, how they are fetched.

/** One Envoy resource in protobuf's JSON form. */
export interface EnvoyResource {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

export const resourceKinds = ['clusters', 'endpoints', 'listeners', 'routes'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** Everything one Envoy needs, by kind. */
export type EnvoyResources = Readonly<Record<ResourceKind, readonly EnvoyResource[]>>;

export const typeUrls = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
} as const satisfies Record<ResourceKind, string>;

/** Name of the static cluster in the bootstrap through which Envoy reaches the control plane. */
export const controlPlaneCluster = 'control-plane';

/** How long the control plane may hold an unchanged answer back; Envoy's own patience is longer. */
export const longestHoldMillis = 20_000;

/**
 * REST polling that the control plane turns into long polling. Envoy waits for its first configuration without a
 * limit: a client without its routes would send requests past the mesh.
 */
export const configSource = {
  resource_api_version: 'V3',
  initial_fetch_timeout: '0s',
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [controlPlaneCluster],
    refresh_delay: '0.1s',
    request_timeout: '30s',
  },
} as const;
