import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import { destinations } from '../../sandbox/mesh/destination.ts';
import { envoyResources } from '../../sandbox/mesh/envoy-resources.ts';
import type { EnvoyResources } from '../../sandbox/mesh/xds.ts';
import { podinfoServices, routeWithRules, slice, weightedRoute } from './mesh-objects.ts';

const slices = ['podinfo', 'podinfo-primary', 'podinfo-canary'].map((service, index) =>
  slice({ service, pods: [{ address: `10.244.0.${index + 1}` }] }),
);
const known = destinations(podinfoServices(), slices);

function resourcesWith(meshHttpRoutes: Parameters<typeof envoyResources>[1]['meshHttpRoutes']): EnvoyResources {
  return envoyResources(known, { mesh: 'default', meshHttpRoutes, trafficRoutes: [] });
}

function apexRoutes({ routes }: EnvoyResources): unknown {
  const apex = routes.find(({ name }) => name === 'outbound:podinfo_test_svc_9898');
  return valueAt(apex, 'virtual_hosts', 0, 'routes');
}

test('clusters and endpoints carry the names that Kuma gives them', (t) => {
  const { clusters, endpoints } = resourcesWith([]);
  const names = ['podinfo-canary_test_svc_9898', 'podinfo-primary_test_svc_9898', 'podinfo_test_svc_9898'];
  t.deepEqual(
    clusters.map(({ name }) => name),
    names,
  );
  t.deepEqual(
    endpoints.map(({ cluster_name }) => cluster_name),
    names,
  );
});

test('a listener stands for the address of the Service and is never bound', (t) => {
  const { listeners } = resourcesWith([]);
  const apex = listeners.find(({ name }) => name === 'outbound:10.96.0.1:9898');
  t.is(apex?.['bind_to_port'], false);
  t.deepEqual(apex?.['address'], { socket_address: { address: '10.96.0.1', port_value: 9898 } });
  const manager = valueAt(apex, 'filter_chains', 0, 'filters', 0, 'typed_config');
  t.is(valueAt(manager, 'rds', 'route_config_name'), 'outbound:podinfo_test_svc_9898');
});

test('weights become weighted clusters', (t) => {
  const routes = apexRoutes(resourcesWith([weightedRoute({ primary: 90, canary: 10 })]));
  t.deepEqual(valueAt(routes, 0, 'route', 'weighted_clusters'), {
    clusters: [
      { name: 'podinfo-primary_test_svc_9898', weight: 90 },
      { name: 'podinfo-canary_test_svc_9898', weight: 10 },
    ],
  });
});

test('a new weight changes the routes and nothing else', (t) => {
  const before = resourcesWith([weightedRoute({ primary: 100, canary: 0 })]);
  const after = resourcesWith([weightedRoute({ primary: 95, canary: 5 })]);
  t.notDeepEqual(after.routes, before.routes);
  t.deepEqual({ ...after, routes: [] }, { ...before, routes: [] });
});

test('a deleted route gives the traffic back to the pods of the Service', (t) => {
  const gone = resourcesWith([weightedRoute({ primary: 100, canary: 0 })].slice(1));
  t.deepEqual(valueAt(apexRoutes(gone), 0, 'route', 'weighted_clusters', 'clusters'), [
    { name: 'podinfo_test_svc_9898', weight: 1 },
  ]);
});

test('a rule without a usable backend answers 503', (t) => {
  const backendRefs = [{ kind: 'MeshService', name: 'gone_test_svc_9898' }];
  const routes = apexRoutes(resourcesWith([routeWithRules([{ matches: [{}], default: { backendRefs } }])]));
  t.deepEqual(valueAt(routes, 0, 'direct_response'), { status: 503 });
});

test('matches are told in the words of Envoy', (t) => {
  const match = {
    path: { type: 'PathPrefix', value: '/api' },
    method: 'GET',
    headers: [
      { name: 'x-a', value: 'exact' },
      { name: 'x-b', type: 'Prefix', value: 'pre' },
      { name: 'x-c', type: 'RegularExpression', value: '.*' },
      { name: 'x-d', type: 'Present' },
      { name: 'x-e', type: 'Absent' },
    ],
    queryParams: [{ name: 'q', type: 'Exact', value: '1' }],
  };
  const routes = apexRoutes(resourcesWith([routeWithRules([{ matches: [match], default: {} }])]));
  t.deepEqual(valueAt(routes, 0, 'match'), {
    path_separated_prefix: '/api',
    headers: [
      { name: ':method', string_match: { exact: 'GET' } },
      { name: 'x-a', string_match: { exact: 'exact' } },
      { name: 'x-b', string_match: { prefix: 'pre' } },
      { name: 'x-c', string_match: { safe_regex: { regex: '.*' } } },
      { name: 'x-d', present_match: true },
      { name: 'x-e', present_match: false },
    ],
    query_parameters: [{ name: 'q', string_match: { exact: '1' } }],
  });
  t.deepEqual(valueAt(routes, 1, 'match'), { prefix: '/', headers: [], query_parameters: [] });
});

test('a mirror of 25 percent is a quarter of a million', (t) => {
  const requestMirror = { percentage: 25, backendRef: { kind: 'MeshService', name: 'podinfo-canary_test_svc_9898' } };
  const filters = [{ type: 'RequestMirror', requestMirror }];
  const routes = apexRoutes(resourcesWith([routeWithRules([{ matches: [{}], default: { filters } }])]));
  t.deepEqual(valueAt(routes, 0, 'route', 'request_mirror_policies'), [
    {
      cluster: 'podinfo-canary_test_svc_9898',
      runtime_fraction: { default_value: { numerator: 250_000, denominator: 'MILLION' } },
    },
  ]);
});
