import test from 'ava';
import type { Canary, Weights } from '../../../canary/canary.ts';
import { arrayAt, valueAt } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import {
  appliedAnnotation,
  appliedNote,
  liveCanaryShare,
  mergedRules,
} from '../../../worker/routers/gatewayapi-merge.ts';
import { gatewayApiV1, gatewayApiV1beta1, httpRoute, ownRules } from '../../../worker/routers/gatewayapi-route.ts';
import { aCanary, type CanaryOptions } from '../../support/a-canary.ts';

const gatewayCanary = ({ service = {}, ...options }: CanaryOptions = {}): Canary =>
  aCanary({
    spec: { provider: 'gatewayapi:v1' },
    ...options,
    service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }], hosts: ['shop.test'], ...service },
  });
const weights = (canary: number, mirrored = false): Weights => ({ primary: 100 - canary, canary, mirrored });
const every = { path: { type: 'PathPrefix', value: '/' } };
const backend = (name: string, weight: number) => ({ group: '', kind: 'Service', name, port: 9898, weight });
const split = (share: number) => [backend('podinfo-primary', 100 - share), backend('podinfo-canary', share)];

/** A route as it lies in the cluster, with these rules. */
const liveRoute = (rules: readonly unknown[], note?: string): KubernetesObject => ({
  ...httpRoute(gatewayCanary(), weights(0), gatewayApiV1),
  metadata: { name: 'podinfo', namespace: 'test', ...(note && { annotations: { [appliedAnnotation]: note } }) },
  spec: { rules },
});

interface Merging {
  readonly canary?: Canary;
  readonly share?: number;
  readonly note?: string | undefined;
}

const merge = (rules: readonly unknown[], merging: Merging = {}): readonly unknown[] => {
  const { canary = gatewayCanary(), share = 20, note } = merging;
  return mergedRules(liveRoute(rules, note), ownRules(canary, weights(share), gatewayApiV1), canary);
};

for (const share of [0, 10, 100]) {
  test(`${100 - share}/${share} is written with every default of the API`, (t) => {
    t.deepEqual(httpRoute(gatewayCanary(), weights(share), gatewayApiV1)['spec'], {
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' }],
      hostnames: ['shop.test'],
      rules: [{ matches: [every], backendRefs: split(share) }],
    });
  });
}

test('the two versions differ in the apiVersion and in timeouts', (t) => {
  const canary = gatewayCanary({ service: { timeout: '15s', backendTimeout: '5s' } });
  const [v1, beta] = [gatewayApiV1, gatewayApiV1beta1].map((version) => httpRoute(canary, weights(0), version));
  t.is(v1?.apiVersion, 'gateway.networking.k8s.io/v1');
  t.is(beta?.apiVersion, 'gateway.networking.k8s.io/v1beta1');
  t.deepEqual(valueAt(v1, 'spec', 'rules', 0, 'timeouts'), { request: '15s', backendRequest: '5s' });
  t.is(valueAt(beta, 'spec', 'rules', 0, 'timeouts'), undefined);
});

test('the questions of browsers are answered by the route as the Canary says, in v1', (t) => {
  const whole = {
    allowOrigins: [{ exact: 'https://shop.test' }],
    allowOrigin: ['https://*.shop.test', 'https://shop.test'],
    allowMethods: ['GET', 'PATCH'],
    allowHeaders: ['X-Cart'],
    exposeHeaders: ['X-Total'],
    maxAge: '1h30m',
    allowCredentials: true,
  };
  const filtersOf = (corsPolicy: object, version = gatewayApiV1): unknown =>
    valueAt(httpRoute(gatewayCanary({ service: { corsPolicy } }), weights(0), version), 'spec', 'rules', 0, 'filters');
  t.deepEqual(filtersOf(whole), [
    {
      type: 'CORS',
      cors: {
        allowOrigins: ['https://shop.test', 'https://*.shop.test'],
        allowMethods: ['GET', 'PATCH'],
        allowHeaders: ['X-Cart'],
        exposeHeaders: ['X-Total'],
        allowCredentials: true,
        maxAge: 5400,
      },
    },
  ]);
  const least = { allowOrigin: ['*'], allowCredentials: false };
  t.deepEqual(filtersOf(least), [{ type: 'CORS', cors: { allowOrigins: ['*'], maxAge: 5 } }]);
  t.is(filtersOf({}), undefined);
  t.is(filtersOf(whole, gatewayApiV1beta1), undefined);
});

test('an A/B test has a rule for the cohort and one for everybody else, both naming both Services', (t) => {
  const canary = gatewayCanary({
    analysis: { iterations: 5, match: [{ headers: { 'x-b': { prefix: 'v.' }, 'x-a': { suffix: 'z' } } }] },
  });
  t.deepEqual(arrayAt(httpRoute(canary, weights(100), gatewayApiV1), 'spec', 'rules'), [
    {
      matches: [
        {
          ...every,
          headers: [
            { name: 'x-a', type: 'RegularExpression', value: '^.*z$' },
            { name: 'x-b', type: 'RegularExpression', value: String.raw`^v\..*$` },
          ],
        },
      ],
      backendRefs: split(100),
    },
    { matches: [every], backendRefs: split(0) },
  ]);
});

test('a mirrored run copies requests to the canary', (t) => {
  const canary = gatewayCanary({ analysis: { iterations: 5, mirror: true } });
  t.deepEqual(valueAt(httpRoute(canary, weights(0, true), gatewayApiV1), 'spec', 'rules', 0, 'filters'), [
    {
      type: 'RequestMirror',
      requestMirror: { backendRef: { group: '', kind: 'Service', name: 'podinfo-canary', port: 9898 } },
    },
  ]);
});

const admin = {
  matches: [{ path: { type: 'PathPrefix', value: '/admin' } }],
  backendRefs: [backend('podinfo-canary', 1)],
};
const legacy = { matches: [{ path: { type: 'Exact', value: '/old' } }], filters: [{ type: 'RequestRedirect' }] };

test('rules of others stay where they are, around ours', (t) => {
  const own = { matches: [every], backendRefs: split(0) };
  t.deepEqual(merge([admin, own, legacy]), [admin, { matches: [every], backendRefs: split(20) }, legacy]);
});

test('where no rule is ours yet, ours comes last', (t) => {
  t.deepEqual(merge([admin, legacy]), [admin, legacy, { matches: [every], backendRefs: split(20) }]);
});

test('filters, timeouts and names that others gave to our rule stay', (t) => {
  const cors = { type: 'CORS', cors: { allowOrigins: ['https://shop.test'] } };
  const onCanary = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x', value: 'y' }] } }];
  const [primary, canary] = split(0);
  const live = {
    name: 'main',
    matches: [every],
    filters: [cors],
    backendRefs: [primary, { ...canary, filters: onCanary }],
    timeouts: { request: '30s' },
  };
  const [nextPrimary, nextCanary] = split(20);
  t.deepEqual(merge([live]), [{ ...live, backendRefs: [nextPrimary, { ...nextCanary, filters: onCanary }] }]);
});

test('a filter that the Canary asked for goes away with its wish, and one of the same kind by a user gives way', (t) => {
  const wishing = gatewayCanary({ service: { rewrite: { uri: '/new' }, timeout: '15s' } });
  const note = appliedNote(ownRules(wishing, weights(0), gatewayApiV1));
  const [written] = merge(
    [
      {
        matches: [every],
        filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'a.test' } }],
        backendRefs: split(0),
      },
    ],
    { canary: wishing },
  );
  t.deepEqual(arrayAt(written, 'filters'), [
    { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } } },
  ]);
  t.deepEqual(merge([written], { note }), [{ matches: [every], backendRefs: split(20) }]);
});

test('requests are copied to the backends that the service names, of whatever kind', (t) => {
  const far = { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 'far', namespace: 'infra', port: 80 };
  const canary = gatewayCanary({
    service: { mirror: [{ backendRef: { name: 'audit', port: 80 } }, { backendRef: far }] },
    analysis: { iterations: 5, mirror: true },
  });
  const [rule] = ownRules(canary, weights(0, true), gatewayApiV1);
  t.deepEqual(
    rule?.filters.map((filter) => valueAt(filter, 'requestMirror', 'backendRef')),
    [
      { group: '', kind: 'Service', name: 'audit', port: 80 },
      far,
      { group: '', kind: 'Service', name: 'podinfo-canary', port: 9898 },
    ],
  );
});

test('a mirror to the canary that the reference left behind is taken away', (t) => {
  const mirror = (name: string) => ({ type: 'RequestMirror', requestMirror: { backendRef: { name, port: 9898 } } });
  const live = { matches: [every], filters: [mirror('podinfo-canary'), mirror('audit')], backendRefs: split(0) };
  t.deepEqual(valueAt(merge([live])[0], 'filters'), [mirror('audit')]);
});

test("the reference's rule for everybody else is replaced, not kept beside ours", (t) => {
  const canary = gatewayCanary({ analysis: { iterations: 5, match: [{ headers: { a: { exact: 'b' } } }] } });
  const cohort = { matches: [{ ...every, headers: [{ name: 'a', type: 'Exact', value: 'b' }] }] };
  const live = [
    { ...cohort, backendRefs: split(0) },
    { matches: [every], backendRefs: [backend('podinfo-primary', 100)] },
  ];
  t.deepEqual(merge(live, { canary, share: 100 }), [
    { ...cohort, backendRefs: split(100) },
    { matches: [every], backendRefs: split(0) },
  ]);
});

test('laying the same rules in twice changes nothing', (t) => {
  const once = merge([admin, { matches: [every], backendRefs: split(0) }, legacy]);
  t.deepEqual(merge(once), once);
});

test('a note that somebody broke makes everything in the rule theirs, and stops nothing', (t) => {
  const cors = { type: 'CORS', cors: {} };
  const live = { matches: [every], filters: [cors], backendRefs: split(0) };
  t.deepEqual(valueAt(merge([live], { note: '{' })[0], 'filters'), [cors]);
});

test("the canary's share is read from the rule that names both Services", (t) => {
  const canary = gatewayCanary();
  t.is(liveCanaryShare(liveRoute([admin, { matches: [every], backendRefs: split(35) }]), canary), 35);
  t.is(liveCanaryShare(liveRoute([admin]), canary), 0);
});
