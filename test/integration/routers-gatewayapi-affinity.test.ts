/** Session affinity in HTTPRoutes, on a real API server with the definitions of the Gateway API. */
import test from 'ava';
import { arrayAt, valueAt } from '../../platform/json.ts';
import { httpRoutesV1 } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import { split } from '../contract/router.contract.ts';
import { aStep } from '../support/a-step.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { startLightClient, writesAmong, type LightClient } from '../support/light-client.ts';
import { routerFixtures } from '../support/router-fixtures.ts';

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
  await install(light.user, await httpRouteDefinition());
});
test.after.always(() => light.close());

const analysis = { sessionAffinity: { cookieName: 'side', primaryCookieName: 'home', path: '/' } };
const cookies = { canary: 'side=abc', primary: 'home=def' };

async function setUp(name: string, version: 'v1' | 'v1beta1', service: object) {
  const options = {
    spec: { provider: `gatewayapi:${version}` },
    service: { gatewayRefs: [{ name: 'public' }], ...service },
    analysis,
  };
  const { edited, router, route } = await routerFixtures({ light: () => light, kind: 'affinity', options })(name);
  const read = () => light.user.get(httpRoutesV1, route);
  const edit = (patch: Record<string, unknown>) => light.user.mergePatch(httpRoutesV1, route, { patch });
  return { canary: edited({}), router, route, read, edit };
}

for (const version of ['v1', 'v1beta1'] as const) {
  test.serial(
    `${version}: cookies are taken by the real API, repaired with their weights, and gone with them`,
    async (t) => {
      const { canary, router, read, edit } = await setUp(`cookies-${version}`, version, {});
      await router.ensure(aStep(canary), { ...split(20), cookies });
      const written = await read();
      const rules = arrayAt(written, 'spec', 'rules');
      t.deepEqual(
        rules.map((rule) => arrayAt(rule, 'backendRefs').map((ref) => valueAt(ref, 'weight'))),
        [
          [0, 100],
          [100, 0],
          [80, 20],
        ],
      );
      const before = light.requests.length;
      await router.ensure(aStep(canary), { ...split(20), cookies });
      t.deepEqual(writesAmong(light.requests.slice(before)), []);
      await edit({ spec: { rules: rules.slice(1) } });
      await router.ensure(aStep(canary), { ...split(20), cookies });
      t.deepEqual((await read())['spec'], written['spec'], 'a rule that somebody took away is back');
      await router.ensure(aStep(canary), { ...split(0), cookies: { previous: 'side=abc' } });
      t.is(arrayAt(await read(), 'spec', 'rules').length, 2);
      await router.ensure(aStep(canary), { ...split(0), cookies: {} });
      t.is(arrayAt(await read(), 'spec', 'rules').length, 1);
    },
  );
}

test.serial('what Kuma would drop of an HTTPRoute is warned about, and no traffic goes over it', async (t) => {
  const { canary, router, route, read } = await setUp('kuma', 'v1', { timeout: '15s' });
  t.deepEqual(await router.ensure(aStep(canary), split(0)), { tookTraffic: false });
  const parentRef = { group: '', kind: 'Service', name: 'podinfo' };
  const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' };
  const conditions = [{ ...accepted, lastTransitionTime: '2026-01-02T03:04:05Z' }];
  const parents = [{ parentRef, controllerName: 'gateways.kuma.io/controller', conditions }];
  await light.user.patchStatus(httpRoutesV1, route, { patch: { status: { parents } } });
  const { warnings = [] } = await router.ensure(aStep(canary), split(0));
  t.is(warnings.length, 1);
  t.regex(
    warnings[0] ?? '',
    /podinfo is carried out by Kuma, which ignores spec\.analysis\.sessionAffinity, spec\.service\.timeout: remove it/,
  );
  const error = await t.throwsAsync(router.ensure(aStep(canary), split(5)), { instanceOf: AdapterError });
  t.is(error.reason, 'unsupported');
  t.is(valueAt(await read(), 'spec', 'rules', 0, 'backendRefs', 1, 'weight'), 0);
});
