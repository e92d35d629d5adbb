import { randomUUID } from 'node:crypto';
import test from 'ava';
import { arrayAt, valueAt } from '../../platform/json.ts';
import { httpRoutesV1, httpRoutesV1beta1, type Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { AdapterError } from '../../worker/context.ts';
import { createRouters } from '../../worker/routers/registry.ts';
import { routerContract, split, type RouterSubject } from '../contract/router.contract.ts';
import { aCanary, type CanaryOptions } from '../support/a-canary.ts';
import { aStep } from '../support/a-step.ts';
import { httpRouteDefinition, install, uninstallRoutesSlowly } from '../support/definitions.ts';
import { startLightClient, writesAmong, type LightClient } from '../support/light-client.ts';
import { routerFixtures, weightsAt, type Setting } from '../support/router-fixtures.ts';

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
  await install(light.user, await httpRouteDefinition());
});
test.after.always(() => light.close());

const setUpWith = (setting: Omit<Setting, 'light'>) => routerFixtures({ ...setting, light: () => light });

const gatewayOptions = (provider: string): CanaryOptions => ({
  spec: { provider },
  service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }] },
});

const gatewaySubject = (provider: string, kind: string, of: Resource): RouterSubject => ({
  kind: provider,
  resource: of,
  hasOwner: true,
  setUp: setUpWith({ kind, options: gatewayOptions(provider) }),
  weightsOf: weightsAt('spec', 'rules', 0, 'backendRefs'),
  drift: (route) => {
    const refs = arrayAt(route, 'spec', 'rules', 0, 'backendRefs');
    const [primary, canary] = refs as Record<string, unknown>[];
    const backendRefs = [
      { ...primary, weight: 1 },
      { ...canary, weight: 99 },
    ];
    const matches = [{ path: { type: 'PathPrefix', value: '/drift' } }];
    return { spec: { hostnames: ['drift.test'], rules: [{ matches, backendRefs }] } };
  },
});

routerContract(test.serial, gatewaySubject('gatewayapi:v1', 'gateway', httpRoutesV1));
routerContract(test.serial, gatewaySubject('gatewayapi:v1beta1', 'gateway-beta', httpRoutesV1beta1));

async function setUp(name: string, options: CanaryOptions = {}) {
  const namespace = await light.namespace(`gatewayapi-${name}`);
  const uid = randomUUID();
  const canaryOf = (more: CanaryOptions) =>
    aCanary({
      spec: { provider: 'gatewayapi:v1' },
      ...more,
      namespace,
      metadata: { uid },
      service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }], ...more.service },
    });
  const canary = canaryOf(options);
  const routers = createRouters(light.client);
  const route = { namespace, name: 'podinfo' };
  const read = () => light.user.get(httpRoutesV1, route);
  const edit = (patch: Record<string, unknown>) => light.user.mergePatch(httpRoutesV1, route, { patch });
  return { canary, canaryOf, route, read, edit, router: routers('gatewayapi:v1'), beta: routers('gatewayapi:v1beta1') };
}

const redirect = {
  matches: [{ path: { type: 'Exact', value: '/old' } }],
  filters: [
    {
      type: 'RequestRedirect',
      requestRedirect: { path: { type: 'ReplaceFullPath', replaceFullPath: '/new' }, statusCode: 301 },
    },
  ],
};

test.serial("users' own rules and filters stay through a whole shift, and cost no extra write", async (t) => {
  const { canary, router, read, edit } = await setUp('users');
  await router.ensure(aStep(canary), split(0));
  const [ours] = arrayAt(await read(), 'spec', 'rules') as object[];
  const cors = { type: 'CORS', cors: { allowOrigins: ['https://shop.test'], maxAge: 5 } };
  await edit({ spec: { rules: [redirect, { ...ours, filters: [cors], timeouts: { request: '20s' } }] } });
  for (const share of [5, 50, 0]) {
    await router.ensure(aStep(canary), split(share));
    const rules = arrayAt(await read(), 'spec', 'rules');
    t.is(rules.length, 2);
    t.like(rules[0], redirect);
    t.like(rules[1], { filters: [cors], timeouts: { request: '20s' } });
    t.is(valueAt(rules, 1, 'backendRefs', 1, 'weight'), share);
  }
  const before = light.requests.length;
  await router.ensure(aStep(canary), split(0));
  t.deepEqual(writesAmong(light.requests.slice(before)), []);
});

test.serial('what the Canary asks of the route comes and goes with its wish', async (t) => {
  const { canaryOf, router, read } = await setUp('wishes');
  const service = {
    hosts: ['shop.test'],
    timeout: '15s',
    headers: { request: { set: { 'x-tier': 'web' } } },
    rewrite: { uri: '/v2', type: 'ReplacePrefixMatch' },
    corsPolicy: { allowOrigins: [{ exact: 'https://shop.test' }], allowMethods: ['GET'], allowCredentials: true },
  };
  await router.ensure(aStep(canaryOf({ service })), split(0));
  const full = await read();
  t.deepEqual(valueAt(full, 'spec', 'hostnames'), ['shop.test']);
  t.deepEqual(
    arrayAt(full, 'spec', 'rules', 0, 'filters').map((filter) => valueAt(filter, 'type')),
    ['RequestHeaderModifier', 'URLRewrite', 'CORS'],
  );
  await router.ensure(aStep(canaryOf({ service })), split(0));
  t.is((await read()).metadata.resourceVersion, full.metadata.resourceVersion);
  await router.ensure(aStep(canaryOf({})), split(0));
  const bare = await read();
  t.deepEqual(arrayAt(bare, 'spec', 'hostnames'), []);
  t.is(valueAt(bare, 'spec', 'rules', 0, 'filters'), undefined);
  t.is(valueAt(bare, 'spec', 'rules', 0, 'timeouts'), undefined);
  t.deepEqual(Object.keys(bare.metadata.annotations ?? {}).sort(), [
    'helm.toolkit.fluxcd.io/driftDetection',
    'kustomize.toolkit.fluxcd.io/reconcile',
  ]);
});

test.serial('an A/B test and a mirror are taken by the real API, and are gone when the run is over', async (t) => {
  const match = [{ headers: { 'x-cohort': { exact: 'beta' } }, queryParams: { debug: { regex: '1|true' } } }];
  const { canary, canaryOf, router, read } = await setUp('strategies', { analysis: { iterations: 3, match } });
  await router.ensure(aStep(canary), split(100));
  const rules = arrayAt(await read(), 'spec', 'rules');
  t.deepEqual(
    rules.map((rule) => valueAt(rule, 'backendRefs', 1, 'weight')),
    [100, 0],
  );
  const mirrored = canaryOf({ analysis: { iterations: 3, mirror: true } });
  await router.ensure(aStep(mirrored), { ...split(0), mirrored: true });
  const [rule, ...rest] = arrayAt(await read(), 'spec', 'rules');
  t.deepEqual(rest, []);
  t.is(valueAt(rule, 'filters', 0, 'requestMirror', 'backendRef', 'name'), 'podinfo-canary');
  await router.ensure(aStep(mirrored), split(0));
  t.is(valueAt(await read(), 'spec', 'rules', 0, 'filters'), undefined);
});

test.serial(
  'traffic waits until the gateways have taken up the route, and may always go back to the primary',
  async (t) => {
    const { canary, router, route, read } = await setUp('readiness');
    await router.ensure(aStep(canary), split(0));
    await router.ensure(aStep(canary), split(5));
    const tell = async (status: 'True' | 'False') => {
      const { generation } = (await read()).metadata;
      const lastTransitionTime = '2026-01-02T03:04:05Z';
      const condition = {
        type: 'Accepted',
        status,
        observedGeneration: generation,
        reason: 'Told',
        message: 'by the test',
        lastTransitionTime,
      };
      const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' };
      const parents = [{ parentRef, controllerName: 'example.com/gateway', conditions: [condition] }];
      await light.user.patchStatus(httpRoutesV1, route, { patch: { status: { parents } } });
    };
    await tell('True');
    await router.ensure(aStep(canary), split(10));
    const error = await t.throwsAsync(router.ensure(aStep(canary), split(15)), { instanceOf: AdapterError });
    t.is(error.reason, 'unavailable');
    t.regex(
      error.message,
      /^HTTPRoute .*\/podinfo is not ready: Gateway public: it has not taken up version \d+ of the route yet, only \d+$/,
    );
    await tell('True');
    await router.ensure(aStep(canary), split(15));
    await tell('False');
    await t.throwsAsync(router.ensure(aStep(canary), split(15)), {
      message: /does not accept the route: Told by the test$/,
    });
    await router.ensure(aStep(canary), split(0));
    t.is(valueAt(await read(), 'spec', 'rules', 0, 'backendRefs', 0, 'weight'), 100);
  },
);

test.serial('a route that was written in one version is the same in the other', async (t) => {
  const { canary, router, beta, route } = await setUp('versions');
  await router.ensure(aStep(canary), split(30));
  const before = light.requests.length;
  await beta.ensure(aStep(canary), split(30));
  t.deepEqual(writesAmong(light.requests.slice(before)), []);
  await beta.ensure(aStep(canary), split(60));
  const live = await light.user.get(httpRoutesV1beta1, route);
  t.is(valueAt(live, 'spec', 'rules', 0, 'backendRefs', 1, 'weight'), 60);
});

test.serial('what the API refuses comes back with the words of the API', async (t) => {
  const { canary, router } = await setUp('refused', { service: { timeout: '1.5s' } });
  await t.throwsAsync(router.ensure(aStep(canary), split(0)), { message: /timeouts\.request.*should match/s });
});

const goneOptions = { kind: 'gateway-gone', options: gatewayOptions('gatewayapi:v1') };

test.serial(
  'the definition of a kind may vanish: the router says that it goes, and then which one is missing',
  async (t) => {
    const { router, canary, user } = await setUpWith(goneOptions)('gone');
    const release = await uninstallRoutesSlowly(user, canary.namespace);
    const refused = await t.throwsAsync(router.ensure(aStep(canary), split(0)), { instanceOf: AdapterError });
    t.is(refused.reason, 'unavailable');
    t.regex(refused.message, /the definition of HTTPRoute \(\S+\) is being deleted: install it again$/);

    await release();
    const missing = await waitFor({
      what: 'the kind served no more',
      seconds: 30,
      look: async () => {
        const error = await t.throwsAsync(router.ensure(aStep(canary), split(0)), { instanceOf: AdapterError });
        return error.reason === 'unavailable' ? undefined : error;
      },
    });
    t.is(missing.reason, 'notFound');
    t.regex(
      missing.message,
      /is the definition of HTTPRoute \(gateway\.networking\.k8s\.io\/v1\) installed in this cluster\?$/,
    );
  },
);
