import test from 'ava';
import type { AffinityCookies, Canary } from '../../../canary/canary.ts';
import { arrayAt, valueAt } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import {
  appliedAnnotation,
  appliedNote,
  liveCanaryShare,
  mergedRules,
  rulesToApex,
} from '../../../worker/routers/gatewayapi-merge.ts';
import { gatewayApiV1, gatewayApiV1beta1, httpRoute, ownRules } from '../../../worker/routers/gatewayapi-route.ts';
import type { Routing } from '../../../worker/routers/router.ts';
import { cookieRegex, forgetCookie } from '../../../worker/routers/session-cookies.ts';
import { aCanary, type CanaryOptions } from '../../support/a-canary.ts';

const attributes = {
  path: '/',
  domain: 'shop.test',
  httpOnly: true,
  secure: true,
  partitioned: true,
  sameSite: 'None',
};
const shopCanary = ({ service = {}, analysis = {} }: CanaryOptions = {}): Canary =>
  aCanary({
    spec: { provider: 'gatewayapi:v1' },
    service: { gatewayRefs: [{ name: 'public' }], ...service },
    analysis: {
      interval: '90s',
      sessionAffinity: { cookieName: 'side', primaryCookieName: 'home', maxAge: 3600 },
      ...analysis,
    },
  });
const cookies: AffinityCookies = { canary: 'side=aaa', primary: 'home=bbb' };
const routing = (canary: number, given: AffinityCookies = cookies): Routing => ({
  primary: 100 - canary,
  canary,
  mirrored: false,
  cookies: given,
});
const rulesOf = (canary: Canary, wanted: Routing, version = gatewayApiV1): readonly unknown[] =>
  arrayAt(httpRoute(canary, wanted, version), 'spec', 'rules');

const every = { path: { type: 'PathPrefix', value: '/' } };
const holding = (cookie: string) => ({ name: 'Cookie', type: 'RegularExpression', value: cookieRegex(cookie) });
const setting = (value: string) => ({
  filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value }] } }],
});
const backend = (name: string, weight: number, more: object = {}) => ({
  group: '',
  kind: 'Service',
  name: `podinfo-${name}`,
  port: 9898,
  weight,
  ...more,
});
const pair = (share: number) => [backend('primary', 100 - share), backend('canary', share)];
const givingOut = (share: number) => [
  backend('primary', 100 - share, setting('home=bbb; Max-Age=90')),
  backend('canary', share, setting('side=aaa; Max-Age=3600')),
];

for (const version of [gatewayApiV1, gatewayApiV1beta1]) {
  test(`${version.resource.version}: holders of a cookie come first, the canary's before the primary's, then who has none`, (t) => {
    t.deepEqual(rulesOf(shopCanary(), routing(20), version), [
      { matches: [{ ...every, headers: [holding('side=aaa')] }], backendRefs: pair(100) },
      { matches: [{ ...every, headers: [holding('home=bbb')] }], backendRefs: pair(0) },
      { matches: [every], backendRefs: givingOut(20) },
    ]);
  });
}

test('without a cookie of the primary only the canary holds anybody', (t) => {
  t.deepEqual(rulesOf(shopCanary(), routing(20, { canary: 'side=aaa' })), [
    { matches: [{ ...every, headers: [holding('side=aaa')] }], backendRefs: pair(100) },
    {
      matches: [every],
      backendRefs: [backend('primary', 80), backend('canary', 20, setting('side=aaa; Max-Age=3600'))],
    },
  ]);
});

test('a canary without traffic has its cookie forgotten by whoever still holds it', (t) => {
  t.deepEqual(rulesOf(shopCanary(), routing(0, { previous: 'side=aaa' })), [
    {
      matches: [{ ...every, headers: [holding('side=aaa')] }],
      backendRefs: [backend('primary', 100, setting('side=aaa; Max-Age=-1')), backend('canary', 0)],
    },
    { matches: [every], backendRefs: pair(0) },
  ]);
  t.deepEqual(rulesOf(shopCanary(), routing(0, {})), [{ matches: [every], backendRefs: pair(0) }]);
});

test('the attributes follow Max-Age in their order, on every cookie', (t) => {
  const canary = shopCanary({
    analysis: { sessionAffinity: { cookieName: 'side', primaryCookieName: 'home', ...attributes } },
  });
  const tail = 'Domain=shop.test; HttpOnly; Partitioned; Path=/; SameSite=None; Secure';
  const split = rulesOf(canary, routing(20)).at(-1);
  t.deepEqual(
    arrayAt(split, 'backendRefs').map((ref) => valueAt(ref, 'filters', 0, 'responseHeaderModifier', 'add', 0, 'value')),
    [`home=bbb; Max-Age=90; ${tail}`, `side=aaa; Max-Age=86400; ${tail}`],
  );
  const { sessionAffinity } = canary.spec.analysis;
  t.is(sessionAffinity && forgetCookie('side=aaa', sessionAffinity), `side=aaa; Max-Age=-1; ${tail}`);
});

test('only a whole cookie is recognised, and nothing in its name or value is a pattern', (t) => {
  const holds = (header: string, cookie = 'a.b=x+y'): boolean => new RegExp(cookieRegex(cookie)).test(header);
  for (const header of ['a.b=x+y', 'q=1; a.b=x+y', 'a.b=x+y; q=1', 'q=1;a.b=x+y ;r=2']) t.true(holds(header), header);
  for (const header of ['aab=x+y', 'a.b=xxy', 'za.b=x+y', 'a.b=x+yz', 'q=a.b=x+y', '']) t.false(holds(header), header);
});

test('with a cohort only its members are held, and everybody may be told to forget', (t) => {
  const canary = shopCanary({ analysis: { match: [{ headers: { 'x-cohort': { exact: 'beta' } } }] } });
  const beta = { name: 'x-cohort', type: 'Exact', value: 'beta' };
  t.deepEqual(rulesOf(canary, routing(20, { canary: 'side=aaa' })), [
    { matches: [{ ...every, headers: [beta, holding('side=aaa')] }], backendRefs: pair(100) },
    {
      matches: [{ ...every, headers: [beta] }],
      backendRefs: [backend('primary', 80), backend('canary', 20, setting('side=aaa; Max-Age=3600'))],
    },
    { matches: [every], backendRefs: pair(0) },
  ]);
  t.deepEqual(valueAt(rulesOf(canary, routing(0, { previous: 'side=aaa' })), 0, 'matches'), [
    { ...every, headers: [holding('side=aaa')] },
  ]);
});

/** A route as it lies in the cluster after these rules of ours were laid into it. */
function liveRoute(rules: readonly unknown[], wanted?: Routing): KubernetesObject {
  const note = wanted && appliedNote(ownRules(shopCanary(), wanted, gatewayApiV1));
  const annotations = note === undefined ? {} : { [appliedAnnotation]: note };
  return {
    ...httpRoute(shopCanary(), routing(0, {}), gatewayApiV1),
    metadata: { name: 'podinfo', annotations },
    spec: { rules },
  };
}

interface Merging {
  readonly wanted: Routing;
  /** What was wanted of the live route. */
  readonly before?: Routing;
  readonly canary?: Canary;
}

const merge = (rules: readonly unknown[], { wanted, before, canary = shopCanary() }: Merging): readonly unknown[] =>
  mergedRules(liveRoute(rules, before), ownRules(canary, wanted, gatewayApiV1), canary);

test('cookies come, change and go without a trace through a whole run', (t) => {
  let live: readonly unknown[] = [{ matches: [every], backendRefs: pair(0) }];
  let before: Routing | undefined;
  const runs: Routing[] = [
    routing(10),
    routing(20, { canary: 'side=aaa', primary: 'home=ccc' }),
    routing(0, { previous: 'side=aaa' }),
    routing(10, { canary: 'side=ddd', primary: 'home=eee' }),
    routing(0, {}),
  ];
  for (const wanted of runs) {
    live = merge(live, { wanted, ...(before && { before }) });
    t.deepEqual(live, rulesOf(shopCanary(), wanted));
    t.deepEqual(merge(live, { wanted, before: wanted }), live, 'the same again changes nothing');
    before = wanted;
  }
});

test('what users added to the rule holds for holders of a cookie, too, and outlives the cookies', (t) => {
  const cors = { type: 'CORS', cors: { allowOrigins: ['https://shop.test'] } };
  const tracing = { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x', value: 'y' }] } };
  const [primary, canary] = pair(0);
  const theirs = { filters: [cors], timeouts: { request: '30s' } };
  const live = [
    { name: 'main', matches: [every], ...theirs, backendRefs: [primary, { ...canary, filters: [tracing] }] },
  ];
  const shifted = merge(live, { wanted: routing(20) });
  t.deepEqual(
    shifted.map((rule) => valueAt(rule, 'name')),
    [undefined, undefined, 'main'],
  );
  for (const rule of shifted) {
    t.like(rule, theirs);
    t.deepEqual(arrayAt(rule, 'backendRefs', 1, 'filters').at(-1), tracing);
  }
  t.deepEqual(merge(shifted, { wanted: routing(0, {}), before: routing(20) }), live);
});

test('the cookies of the reference give way to ours, and go when affinity is no longer asked for', (t) => {
  const wide = (cookie: string) => ({ name: 'Cookie', type: 'RegularExpression', value: `.*${cookie}.*` });
  const theirs = [
    { matches: [{ ...every, headers: [wide('side.*old')] }], backendRefs: pair(100) },
    {
      matches: [every],
      backendRefs: [
        backend('primary', 70, setting('home=old; Max-Age=60')),
        backend('canary', 30, setting('side=old; Max-Age=60')),
      ],
    },
  ];
  t.deepEqual(merge(theirs, { wanted: routing(20) }), rulesOf(shopCanary(), routing(20)));
  const { cookies: _none, ...plain } = routing(20);
  const without = shopCanary({ analysis: { sessionAffinity: undefined } });
  const ours = merge(theirs, { wanted: routing(20) });
  t.deepEqual(merge(ours, { wanted: plain, before: routing(20), canary: without }), [
    { matches: [every], backendRefs: pair(20) },
  ]);
});

test("the canary's share is that of visitors without a cookie", (t) => {
  t.is(liveCanaryShare(liveRoute(rulesOf(shopCanary(), routing(20)), routing(20)), shopCanary()), 20);
});

test('a route that is given back to the apex has no rules of cookies left', (t) => {
  const live = liveRoute(rulesOf(shopCanary(), routing(20)), routing(20));
  t.deepEqual(rulesToApex(live, shopCanary()), [
    { matches: [every], backendRefs: [{ group: '', kind: 'Service', name: 'podinfo', port: 9898 }] },
  ]);
});

test('a mirror is on the rule that is split, and on no other', (t) => {
  const canary = shopCanary({ analysis: { iterations: 3, mirror: true } });
  const rules = rulesOf(canary, { ...routing(0, { previous: 'side=aaa' }), mirrored: true });
  t.deepEqual(
    rules.map((rule) => arrayAt(rule, 'filters').length),
    [0, 1],
  );
});
