import test from 'ava';
import type { EndpointSlice } from '../../sandbox/mesh/kubernetes-objects.ts';
import type { MeshHttpRoute, TrafficRoute } from '../../sandbox/mesh/kuma-objects.ts';
import { destinations } from '../../sandbox/mesh/destination.ts';
import { splitRules } from '../../sandbox/mesh/split.ts';
import type { SplitRule } from '../../sandbox/mesh/split.ts';
import { podinfoServices, routeWithRules, slice, trafficRoute, weightedRoute } from './mesh-objects.ts';

const primaryPods = slice({ service: 'podinfo-primary', pods: [{ address: '10.244.0.11' }] });
const canaryPods = slice({ service: 'podinfo-canary', pods: [{ address: '10.244.0.12' }] });

interface Row {
  readonly title: string;
  readonly meshHttpRoutes?: readonly MeshHttpRoute[];
  readonly trafficRoutes?: readonly TrafficRoute[];
  readonly slices?: readonly EndpointSlice[];
  readonly expected: Record<string, number>;
}

function rulesFor(row: Omit<Row, 'title' | 'expected'>, namespace = 'test'): SplitRule[] {
  const services = [...podinfoServices('test'), ...podinfoServices('other')];
  const known = destinations(services, row.slices ?? [primaryPods, canaryPods]);
  const { meshHttpRoutes = [], trafficRoutes = [] } = row;
  return known
    .filter(({ service, namespace: own }) => service === 'podinfo' && own === namespace)
    .flatMap((podinfo) => splitRules(podinfo, { mesh: 'default', meshHttpRoutes, trafficRoutes }, known));
}

function weights(rule: SplitRule | undefined): Record<string, number> {
  return Object.fromEntries((rule?.backends ?? []).map(({ cluster, weight }) => [cluster, weight]));
}

const rows: Row[] = [
  {
    title: 'without a route the pods of the Service itself answer',
    expected: { podinfo_test_svc_9898: 1 },
  },
  {
    title: 'weights 100 and 0 send everything to the primary',
    meshHttpRoutes: [weightedRoute({ primary: 100, canary: 0 })],
    expected: { 'podinfo-primary_test_svc_9898': 100 },
  },
  {
    title: 'weights 90 and 10 are kept as written',
    meshHttpRoutes: [weightedRoute({ primary: 90, canary: 10 })],
    expected: { 'podinfo-primary_test_svc_9898': 90, 'podinfo-canary_test_svc_9898': 10 },
  },
  {
    title: 'a canary without endpoints loses its share to the primary',
    meshHttpRoutes: [weightedRoute({ primary: 90, canary: 10 })],
    slices: [primaryPods],
    expected: { 'podinfo-primary_test_svc_9898': 90 },
  },
  {
    title: 'with no endpoint anywhere the weights stay, for Envoy to answer 503',
    meshHttpRoutes: [weightedRoute({ primary: 90, canary: 10 })],
    slices: [],
    expected: { 'podinfo-primary_test_svc_9898': 90, 'podinfo-canary_test_svc_9898': 10 },
  },
  {
    title: "another mesh's route does not count",
    meshHttpRoutes: [weightedRoute({ primary: 50, canary: 50, mesh: 'second' })],
    expected: { podinfo_test_svc_9898: 1 },
  },
  {
    title: 'a route of another namespace does not touch the Service of the same name here',
    meshHttpRoutes: [weightedRoute({ primary: 50, canary: 50, namespace: 'other' })],
    expected: { podinfo_test_svc_9898: 1 },
  },
  {
    title: 'a TrafficRoute counts where no MeshHTTPRoute does',
    trafficRoutes: [trafficRoute(80, 20)],
    expected: { 'podinfo-primary_test_svc_9898': 80, 'podinfo-canary_test_svc_9898': 20 },
  },
  {
    title: 'a MeshHTTPRoute wins over a TrafficRoute',
    meshHttpRoutes: [weightedRoute({ primary: 70, canary: 30 })],
    trafficRoutes: [trafficRoute(80, 20)],
    expected: { 'podinfo-primary_test_svc_9898': 70, 'podinfo-canary_test_svc_9898': 30 },
  },
];

for (const { title, expected, ...objects } of rows) {
  test(title, (t) => {
    const rules = rulesFor(objects);
    t.is(rules.length, 1);
    t.deepEqual(weights(rules[0]), expected);
  });
}

test('two namespaces have their own weights', (t) => {
  const meshHttpRoutes = [
    weightedRoute({ primary: 90, canary: 10 }),
    weightedRoute({ primary: 60, canary: 40, namespace: 'other' }),
  ];
  const pods = [{ address: '10.244.0.20' }];
  const slices = ['test', 'other'].flatMap((namespace) => [
    slice({ service: 'podinfo-primary', namespace, pods }),
    slice({ service: 'podinfo-canary', namespace, pods }),
  ]);
  t.deepEqual(weights(rulesFor({ meshHttpRoutes, slices })[0]), {
    'podinfo-primary_test_svc_9898': 90,
    'podinfo-canary_test_svc_9898': 10,
  });
  t.deepEqual(weights(rulesFor({ meshHttpRoutes, slices }, 'other')[0]), {
    'podinfo-primary_other_svc_9898': 60,
    'podinfo-canary_other_svc_9898': 40,
  });
});

test('a backend that names no known Service drops out, and none left means nobody can answer', (t) => {
  const backendRefs = [{ kind: 'MeshService', name: 'gone_test_svc_9898', weight: 100 }];
  const [rule] = rulesFor({ meshHttpRoutes: [routeWithRules([{ matches: [{}], default: { backendRefs } }])] });
  t.deepEqual(rule?.backends, []);
});

test('labels with a section name resolve as in the 3.x dialect', (t) => {
  const labels = { 'kuma.io/display-name': 'podinfo-canary', 'k8s.kuma.io/namespace': 'test' };
  const backendRefs = [{ kind: 'MeshService', labels, sectionName: 'http', weight: 5 }];
  const [rule] = rulesFor({ meshHttpRoutes: [routeWithRules([{ matches: [{}], default: { backendRefs } }])] });
  t.deepEqual(weights(rule), { 'podinfo-canary_test_svc_9898': 5 });
});

test('rules are tried in the order of Gateway API, and the Service itself answers what no rule matches', (t) => {
  const rule = (...matches: readonly object[]): object => ({ matches, default: {} });
  const header = { name: 'x-cohort', value: 'beta' };
  const rules = rulesFor({
    meshHttpRoutes: [
      routeWithRules([
        rule({ path: { type: 'RegularExpression', value: '/a.*' } }),
        rule({ path: { type: 'PathPrefix', value: '/api' } }),
        rule({ path: { type: 'PathPrefix', value: '/api' }, headers: [header] }),
        rule({ path: { type: 'PathPrefix', value: '/api/v1' } }),
        rule({ path: { type: 'Exact', value: '/a' } }),
      ]),
    ],
  });
  t.deepEqual(
    rules.map(({ match }) => `${match.path?.type} ${match.path?.value} ${match.headers.length}`),
    [
      'Exact /a 0',
      'PathPrefix /api/v1 0',
      'PathPrefix /api 1',
      'PathPrefix /api 0',
      'RegularExpression /a.* 0',
      'PathPrefix / 0',
    ],
  );
});

test('a mirror keeps its percentage', (t) => {
  const requestMirror = { percentage: '25', backendRef: { kind: 'MeshService', name: 'podinfo-canary_test_svc_9898' } };
  const filters = [{ type: 'RequestMirror', requestMirror }];
  const [rule] = rulesFor({ meshHttpRoutes: [routeWithRules([{ matches: [{}], default: { filters } }])] });
  t.deepEqual(rule?.mirrors, [{ cluster: 'podinfo-canary_test_svc_9898', percentage: 25 }]);
});
