/** What the Kuma router tells of a mesh beside its own route, on a real API server. */
import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import { meshHttpRoutes, trafficRoutes } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import { mirrorAnnotation } from '../../worker/routers/kuma-mirror.ts';
import { split } from '../contract/router.contract.ts';
import { aStep } from '../support/a-step.ts';
import { install, meshHttpRouteV2, trafficRouteDefinition } from '../support/definitions.ts';
import { startLightClient, writesAmong, type LightClient } from '../support/light-client.ts';
import { routerFixtures } from '../support/router-fixtures.ts';

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
  await install(light.user, meshHttpRouteV2());
});
test.after.always(() => light.close());

const setUp = (name: string) => routerFixtures({ light: () => light, kind: 'neighbours', options: {} })(name);

async function aRival(name: string, targetRef: object, mesh = 'default'): Promise<void> {
  const namespace = await light.namespace(name);
  const rules = [
    {
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      default: { backendRefs: [{ kind: 'MeshService', name: 'podinfo_neighbours-rivals_svc_9898', weight: 1 }] },
    },
  ];
  await light.user.create(meshHttpRoutes, {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshHTTPRoute',
    metadata: { name: 'theirs', namespace, labels: { 'kuma.io/mesh': mesh } },
    spec: { targetRef: { kind: 'Mesh' }, to: [{ targetRef: { kind: 'MeshService', ...targetRef }, rules }] },
  });
}

test.serial("another route to the same Service is named when the canary's share begins", async (t) => {
  const { router, canary } = await setUp('rivals');
  await aRival('by-legacy-name', { name: 'podinfo_neighbours-rivals_svc_9898' });
  await aRival('by-name', { name: 'podinfo', namespace: 'neighbours-rivals' });
  const labels = { 'kuma.io/display-name': 'podinfo', 'k8s.kuma.io/namespace': 'neighbours-rivals' };
  await aRival('by-labels', { labels });
  await aRival('another-service', { name: 'podinfo' });
  await aRival('another-mesh', { name: 'podinfo_neighbours-rivals_svc_9898' }, 'blue');
  t.deepEqual(await router.ensure(aStep(canary), split(0)), { tookTraffic: false, warnings: [] });
  const { warnings = [] } = await router.ensure(aStep(canary), split(5));
  t.deepEqual(
    new Set(warnings.map((text) => text.split(' routes ')[0])),
    new Set(['by-labels', 'by-legacy-name', 'by-name'].map((namespace) => `MeshHTTPRoute ${namespace}/theirs`)),
  );
  t.regex(warnings[0] ?? '', /its weights may win$/);
});

test.serial(
  'a mirror on 2.x is written where the Canary allows it, and gone when it is no longer wanted',
  async (t) => {
    const { router, canary, edited, user, route } = await setUp('mirror');
    const filters = async () =>
      valueAt(await user.get(meshHttpRoutes, route), 'spec', 'to', 0, 'rules', 0, 'default', 'filters');
    const wanted = { ...split(0), mirrored: true };
    const analysis = { iterations: 3, mirror: true, mirrorWeight: 25 };
    const { warnings = [] } = await router.ensure(aStep(edited({ analysis, metadata: { uid: canary.uid } })), wanted);
    t.regex(warnings.join(), /the run goes on without a mirror/);
    t.is(await filters(), undefined);
    const annotations = { [mirrorAnnotation]: 'true' };
    const allowing = edited({ analysis, metadata: { uid: canary.uid, annotations } });
    t.deepEqual(await router.ensure(aStep(allowing), wanted), { tookTraffic: false, warnings: [] });
    // Kuma's definition fills the weight in.
    const backendRef = { kind: 'MeshService', name: 'podinfo-canary_neighbours-mirror_svc_9898', weight: 1 };
    t.deepEqual(await filters(), [{ type: 'RequestMirror', requestMirror: { percentage: 25, backendRef } }]);
    const before = light.requests.length;
    await router.ensure(aStep(allowing), wanted);
    t.deepEqual(writesAmong(light.requests.slice(before)), []);
    await router.ensure(aStep(allowing), split(0));
    t.is(await filters(), undefined);
  },
);

test.serial('a run by weight that wants a mirror where there is none is refused, and its route stays', async (t) => {
  const { router, canary, user, route } = await setUp('by-weight');
  await router.ensure(aStep(canary), split(0));
  const before = await user.get(meshHttpRoutes, route);
  const error = await t.throwsAsync(router.ensure(aStep(canary), { ...split(0), mirrored: true }), {
    instanceOf: AdapterError,
    message: /a run by weight begins with what it brings/,
  });
  t.is(error.reason, 'unsupported');
  t.is((await user.get(meshHttpRoutes, route)).metadata.resourceVersion, before.metadata.resourceVersion);
});

test.serial('a TrafficRoute that the reference left in the mesh is named with the way to be rid of it', async (t) => {
  await install(light.user, trafficRouteDefinition());
  const { router, canary } = await setUp('old');
  const old = (name: string, mesh: string) =>
    light.user.create(trafficRoutes, {
      apiVersion: 'kuma.io/v1alpha1',
      kind: 'TrafficRoute',
      metadata: { name },
      mesh,
      spec: {},
    });
  await old('podinfo', 'default');
  await old('elsewhere', 'blue');
  const { warnings = [] } = await router.ensure(aStep(canary), split(0));
  t.is(warnings.length, 1);
  t.regex(
    warnings[0] ?? '',
    /^TrafficRoute podinfo is in mesh default: .*kubectl delete trafficroutes\.kuma\.io podinfo/,
  );
});
