import test from 'ava';
import type { Weights } from '../../../canary/canary.ts';
import { valueAt } from '../../../platform/json.ts';
import { meshHttpRoute, type KumaDialect } from '../../../worker/routers/kuma-dialect.ts';
import { trafficRoute } from '../../../worker/routers/kuma-traffic-route.ts';
import { aCanary, type CanaryOptions } from '../../support/a-canary.ts';

const v2: KumaDialect = { kind: 'v2', mesh: 'default' };
const v3: KumaDialect = { kind: 'v3', mesh: 'default', zone: 'east' };
const weights = (canary: number): Weights => ({ primary: 100 - canary, canary, mirrored: false });
const rulesOf = (options: CanaryOptions, dialect: KumaDialect = v2, share = 0): unknown =>
  valueAt(meshHttpRoute(aCanary(options), weights(share), dialect), 'spec', 'to', 0, 'rules');
const matchesOf = (options: CanaryOptions): unknown => valueAt(rulesOf(options), 0, 'matches');

for (const share of [0, 10, 100]) {
  test(`2.x: ${100 - share}/${share} is written with Kuma's own names of the Services`, (t) => {
    const route = meshHttpRoute(aCanary(), weights(share), v2);
    t.deepEqual(route['spec'], {
      targetRef: { kind: 'Mesh' },
      to: [
        {
          targetRef: { kind: 'MeshService', name: 'podinfo_test_svc_9898' },
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: '/' } }],
              default: {
                backendRefs: [
                  { kind: 'MeshService', name: 'podinfo-primary_test_svc_9898', weight: 100 - share },
                  { kind: 'MeshService', name: 'podinfo-canary_test_svc_9898', weight: share },
                ],
              },
            },
          ],
        },
      ],
    });
  });
}

test('3.x: Services are selected by labels and port name, backends in the local zone', (t) => {
  const route = meshHttpRoute(aCanary({ service: { portName: 'web' } }), weights(10), v3);
  const labels = (name: string) => ({ 'kuma.io/display-name': name, 'k8s.kuma.io/namespace': 'test' });
  t.deepEqual(valueAt(route, 'spec', 'to', 0, 'targetRef'), {
    kind: 'MeshService',
    labels: labels('podinfo'),
    sectionName: 'web',
  });
  t.deepEqual(valueAt(route, 'spec', 'to', 0, 'rules', 0, 'default', 'backendRefs'), [
    {
      kind: 'MeshService',
      labels: { ...labels('podinfo-primary'), 'kuma.io/zone': 'east' },
      sectionName: 'web',
      weight: 90,
    },
    {
      kind: 'MeshService',
      labels: { ...labels('podinfo-canary'), 'kuma.io/zone': 'east' },
      sectionName: 'web',
      weight: 10,
    },
  ]);
});

test('the route lives in the namespace of its Canary, so two of one apex name do not meet', (t) => {
  const names = ['test', 'shop'].map((namespace) => {
    const { metadata, ...rest } = meshHttpRoute(aCanary({ namespace }), weights(0), v2);
    return [metadata.namespace, valueAt(rest, 'spec', 'to', 0, 'targetRef', 'name')];
  });
  t.deepEqual(names, [
    ['test', 'podinfo_test_svc_9898'],
    ['shop', 'podinfo_shop_svc_9898'],
  ]);
});

test('an A/B test shifts the cohort only: everybody else stays on the primary', (t) => {
  const analysis = {
    iterations: 5,
    match: [
      { headers: { 'X-Cohort': { exact: 'beta' } } },
      { headers: { cookie: { regex: '^(.*?;)?(canary=always)(;.*)?$' } } },
    ],
  };
  const every = { path: { type: 'PathPrefix', value: '/' } };
  t.deepEqual(rulesOf({ analysis }, v2, 100), [
    {
      matches: [
        { ...every, headers: [{ name: 'x-cohort', type: 'Exact', value: 'beta' }] },
        { ...every, headers: [{ name: 'cookie', type: 'RegularExpression', value: '^(.*?;)?(canary=always)(;.*)?$' }] },
      ],
      default: {
        backendRefs: [
          { kind: 'MeshService', name: 'podinfo-primary_test_svc_9898', weight: 0 },
          { kind: 'MeshService', name: 'podinfo-canary_test_svc_9898', weight: 100 },
        ],
      },
    },
    {
      matches: [every],
      default: { backendRefs: [{ kind: 'MeshService', name: 'podinfo-primary_test_svc_9898', weight: 100 }] },
    },
  ]);
});

for (const [kind, dialect, backendRef] of [
  ['2.x', v2, { kind: 'MeshService', name: 'podinfo-canary_test_svc_9898', weight: 1 }],
  [
    '3.x',
    v3,
    {
      kind: 'MeshService',
      labels: {
        'kuma.io/display-name': 'podinfo-canary',
        'k8s.kuma.io/namespace': 'test',
        'kuma.io/zone': 'east',
      },
      sectionName: 'http',
      weight: 1,
    },
  ],
] as const) {
  for (const mirrorWeight of [undefined, 25]) {
    test(`${kind}: requests are copied to the canary, ${mirrorWeight ?? 'all'} of a hundred`, (t) => {
      const canary = aCanary({ analysis: { iterations: 3, mirror: true, mirrorWeight } });
      const route = meshHttpRoute(canary, { ...weights(0), mirrored: true }, dialect);
      const requestMirror = { ...(mirrorWeight && { percentage: mirrorWeight }), backendRef };
      t.deepEqual(valueAt(route, 'spec', 'to', 0, 'rules', 0, 'default', 'filters'), [
        { type: 'RequestMirror', requestMirror },
      ]);
    });
  }
}

test("every path in the cohort is the service's own path", (t) => {
  const service = { match: [{ uri: { prefix: '/api' } }] };
  const match = [{ uri: { prefix: '/' }, headers: { a: { exact: 'x' } } }];
  t.deepEqual(matchesOf({ service, analysis: { iterations: 1, match } }), [
    { path: { type: 'PathPrefix', value: '/api' }, headers: [{ name: 'a', type: 'Exact', value: 'x' }] },
  ]);
});

test('a cohort is each item of the analysis within each item of the service', (t) => {
  const options = {
    service: { match: [{ uri: { prefix: '/api/' }, headers: { b: { exact: '1' } } }, { uri: { exact: '/' } }] },
    analysis: { iterations: 1, match: [{ method: { exact: 'GET' }, headers: { a: { prefix: 'x' } } }] },
  };
  t.deepEqual(matchesOf(options), [
    {
      path: { type: 'PathPrefix', value: '/api' },
      method: 'GET',
      headers: [
        { name: 'a', type: 'Prefix', value: 'x' },
        { name: 'b', type: 'Exact', value: '1' },
      ],
    },
    { path: { type: 'Exact', value: '/' }, method: 'GET', headers: [{ name: 'a', type: 'Prefix', value: 'x' }] },
  ]);
});

test('every matcher has its form in Kuma, and lists are in the order of their names', (t) => {
  const match = {
    uri: { regex: '/v[0-9]+' },
    headers: { Z: { suffix: '.io' }, a: {} },
    withoutHeaders: { gone: {} },
    queryParams: { q: { prefix: 'a+b' }, p: { exact: '1' } },
  };
  t.deepEqual(matchesOf({ service: { match: [match] } }), [
    {
      path: { type: 'RegularExpression', value: '/v[0-9]+' },
      headers: [
        { name: 'z', type: 'RegularExpression', value: String.raw`.*\.io` },
        { name: 'a', type: 'Present' },
        { name: 'gone', type: 'Absent' },
      ],
      queryParams: [
        { name: 'p', type: 'Exact', value: '1' },
        { name: 'q', type: 'RegularExpression', value: String.raw`a\+b.*` },
      ],
    },
  ]);
});

test('header changes and a rewrite become filters', (t) => {
  const service = {
    headers: { request: { add: { 'X-B': '2', 'X-A': '1' }, remove: ['X-C'] }, response: { set: { 'x-d': '4' } } },
    rewrite: { uri: '/new', authority: 'shop.test' },
  };
  t.deepEqual(valueAt(rulesOf({ service }), 0, 'default', 'filters'), [
    {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: {
        add: [
          { name: 'x-a', value: '1' },
          { name: 'x-b', value: '2' },
        ],
        remove: ['x-c'],
      },
    },
    { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-d', value: '4' }] } },
    {
      type: 'URLRewrite',
      urlRewrite: { hostname: 'shop.test', path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } },
    },
  ]);
});

test('the same Canary and weights give the same object, whatever the order in which it was written', (t) => {
  const labels = { b: '2', a: '1' };
  const canary = (keys: readonly string[]) =>
    aCanary({
      service: { match: [{ headers: Object.fromEntries(keys.map((key) => [key, { exact: key }])) }], apex: { labels } },
    });
  const objects = [
    ['x', 'y'],
    ['y', 'x'],
  ].map((keys) => JSON.stringify(meshHttpRoute(canary(keys), weights(5), v2)));
  t.is(objects[0], objects[1]);
});

test('a TrafficRoute names the mesh at its top, and the namespace in each Service', (t) => {
  const { metadata, ...rest } = trafficRoute(aCanary(), weights(10), 'blue');
  t.deepEqual(rest, {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'TrafficRoute',
    mesh: 'blue',
    spec: {
      sources: [{ match: { 'kuma.io/service': '*' } }],
      destinations: [{ match: { 'kuma.io/service': 'podinfo_test_svc_9898' } }],
      conf: {
        split: [
          { weight: 90, destination: { 'kuma.io/service': 'podinfo-primary_test_svc_9898' } },
          { weight: 10, destination: { 'kuma.io/service': 'podinfo-canary_test_svc_9898' } },
        ],
      },
    },
  });
  t.false('namespace' in metadata || 'ownerReferences' in metadata);
});

for (const [field, options] of [
  ['spec.analysis.match', { analysis: { iterations: 1, match: [{ headers: { a: { exact: 'b' } } }] } }],
  ['spec.service.match', { service: { match: [{ uri: { prefix: '/api' } }] } }],
  ['spec.service.headers', { service: { headers: { request: { remove: ['a'] } } } }],
  ['spec.service.rewrite', { service: { rewrite: { uri: '/a' } } }],
] as const) {
  test(`a TrafficRoute can't express ${field}, and says so`, (t) => {
    const error = t.throws(() => trafficRoute(aCanary(options), weights(0), 'default'));
    t.true(error.message.startsWith(`${field}: this mesh has TrafficRoute only`), error.message);
  });
}
