/** HTTPRoutes that were there before the Canary, and what its end makes of them. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { httpRoutesV1 } from '../../platform/kubernetes/resources.ts';
import { createRouters } from '../../worker/routers/registry.ts';
import { split } from '../contract/router.contract.ts';
import { aCanary } from '../support/a-canary.ts';
import { aStep } from '../support/a-step.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
  await install(light.user, await httpRouteDefinition());
});
test.after.always(() => light.close());

const markers = {
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
};
const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' };
const backend = (name: string, weight?: number): object => ({
  group: '',
  kind: 'Service',
  name,
  port: 9898,
  ...(weight === undefined ? {} : { weight }),
});
const matches = (value: string): readonly object[] => [{ path: { type: 'PathPrefix', value } }];
const cors = { type: 'CORS', cors: { allowOrigins: ['https://shop.test'], maxAge: 5 } };

const toApex = { matches: matches('/'), filters: [cors], backendRefs: [backend('podinfo')] };
const toOthers = { matches: matches('/cart'), backendRefs: [backend('cart')] };

async function setUp(name: string, annotations: Record<string, string> = {}) {
  const namespace = await light.namespace(`gateway-end-${name}`);
  const canary = aCanary({
    namespace,
    metadata: { uid: randomUUID(), annotations },
    spec: { provider: 'gatewayapi:v1' },
    service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }] },
  });
  return {
    canary,
    router: createRouters(light.client)('gatewayapi:v1'),
    read: () => light.user.get(httpRoutesV1, { namespace, name: 'podinfo' }),
    had: (rules: readonly object[], metadata: object = {}): Promise<KubernetesObject> =>
      light.user.create(httpRoutesV1, {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'podinfo', namespace, ...metadata },
        spec: { parentRefs: [gateway], rules },
      }),
  };
}

test.serial(
  'in an adopted route the rules for the apex are split, those for others stay, and all comes back',
  async (t) => {
    const { canary, router, read, had } = await setUp('adopted', { 'aviary.dev/adopt': 'true' });
    const before = await had([toOthers, toApex], { annotations: { note: 'mine' } });
    await router.ensure(aStep(canary), split(20));
    const rules = arrayAt(await read(), 'spec', 'rules');
    t.is(rules.length, 2);
    t.like(rules[0], toOthers);
    t.like(rules[1], { matches: matches('/'), filters: [cors] });
    t.deepEqual(
      arrayAt(rules[1], 'backendRefs').map((ref) => [valueAt(ref, 'name'), valueAt(ref, 'weight')]),
      [
        ['podinfo-primary', 80],
        ['podinfo-canary', 20],
      ],
    );
    await router.restore(aStep(canary));
    const after = await read();
    t.deepEqual(after['spec'], before['spec']);
    t.deepEqual(after.metadata.annotations, { note: 'mine' });
    t.false(
      (after.metadata.managedFields ?? []).some(({ operation }) => operation === 'Apply'),
      'nothing is in our name',
    );
  },
);

test.serial('a route that the reference took over and of which no original is known leads to the apex', async (t) => {
  const { canary, router, read, had } = await setUp('unknown');
  const split3070 = {
    matches: matches('/'),
    backendRefs: [backend('podinfo-primary', 30), backend('podinfo-canary', 70)],
  };
  await had([split3070, toOthers], { annotations: markers });
  t.deepEqual(await router.restore(aStep(canary)), { changed: true });
  const after = await read();
  const [ours, theirs] = arrayAt(after, 'spec', 'rules');
  t.like(ours, { matches: matches('/') });
  t.deepEqual(arrayAt(ours, 'backendRefs'), [{ ...backend('podinfo'), weight: 1 }]);
  t.like(theirs, toOthers);
  t.is(after.metadata.annotations, undefined);
  t.deepEqual(await router.restore(aStep(canary)), { changed: false });
});

test.serial('a route that the reference took over gets back what kubectl last applied', async (t) => {
  const { canary, router, read, had } = await setUp('kubectl');
  const applied = { spec: { parentRefs: [gateway], rules: [toApex] } };
  const note = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
  const ours = { matches: matches('/'), backendRefs: [backend('podinfo-primary', 100), backend('podinfo-canary', 0)] };
  await had([ours], { annotations: { ...markers, ...note } });
  await router.restore(aStep(canary));
  const after = await read();
  t.like(valueAt(after, 'spec', 'rules', 0), { ...toApex, backendRefs: [{ ...backend('podinfo'), weight: 1 }] });
  t.deepEqual(after.metadata.annotations, note);
});
