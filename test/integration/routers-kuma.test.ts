import { randomUUID } from 'node:crypto';
import test from 'ava';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { meshHttpRoutes, namespaces, resource, trafficRoutes } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import { routerContract, split, type RouterSubject } from '../contract/router.contract.ts';
import { aCanary } from '../support/a-canary.ts';
import { aStep } from '../support/a-step.ts';
import {
  install,
  meshHttpRouteV2,
  meshHttpRouteV3,
  meshServiceDefinition,
  trafficRouteDefinition,
} from '../support/definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';
import { routerFixtures, weightsAt, type Setting } from '../support/router-fixtures.ts';

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const later = Date.now() + 3_600_000;

const setUpWith = (setting: Omit<Setting, 'light'>) => routerFixtures({ ...setting, light: () => light });

const kumaDrift = (route: KubernetesObject): Record<string, unknown> => {
  const [to] = structuredClone(arrayAt(route, 'spec', 'to')) as [
    { rules: [{ default: { backendRefs: { weight: number }[] } }] },
  ];
  to.rules[0].default.backendRefs.forEach((ref) => (ref.weight = 7));
  return { spec: { to: [to], targetRef: { kind: 'MeshSubset' } } };
};

test.serial('kuma: without any definition the router says what is missing', async (t) => {
  const { router, canary } = await setUpWith({ kind: 'no-kuma', options: {} })('nothing');
  const error = await t.throwsAsync(router.ensure(aStep(canary), split(0)), { instanceOf: AdapterError });
  t.is(error.reason, 'unsupported');
  t.regex(error.message, /^KumaRouteCRDMissing: expected the definition meshhttproutes\.kuma\.io/);
});

test.serial('a mesh that has TrafficRoute only is prepared', async (t) => {
  await t.notThrowsAsync(install(light.user, trafficRouteDefinition()));
});

routerContract(test.serial, {
  kind: 'kuma with TrafficRoute',
  resource: trafficRoutes,
  hasOwner: false,
  setUp: setUpWith({ kind: 'kuma-old', options: {}, isClusterScoped: true }),
  weightsOf: weightsAt('spec', 'conf', 'split'),
  drift: (route) => {
    const shares = structuredClone(arrayAt(route, 'spec', 'conf', 'split')) as { weight: number }[];
    shares.forEach((share) => (share.weight = 7));
    return { spec: { conf: { split: shares }, sources: [] } };
  },
});

test.serial(
  'kuma with TrafficRoute: two Canaries with one apex name in two namespaces do not share the route',
  async (t) => {
    const first = await setUpWith({ kind: 'kuma-old', options: {}, isClusterScoped: true })('first');
    await first.router.ensure(aStep(first.canary), split(0));
    const second = aCanary({ namespace: 'kuma-old-second', service: { name: first.canary.spec.service.name } });
    const error = await t.throwsAsync(first.router.ensure(aStep(second), split(0)), { instanceOf: AdapterError });
    t.is(error.reason, 'routeConflict');
  },
);

test.serial('a mesh in the dialect of Kuma 2.x is prepared', async (t) => {
  await t.notThrowsAsync(install(light.user, meshHttpRouteV2()));
});

const kumaSubject = (kind: string, setting: Omit<Setting, 'options' | 'light'>): RouterSubject => ({
  kind,
  resource: meshHttpRoutes,
  hasOwner: true,
  setUp: setUpWith({ ...setting, options: {} }),
  weightsOf: weightsAt('spec', 'to', 0, 'rules', 0, 'default', 'backendRefs'),
  drift: kumaDrift,
});

routerContract(test.serial, kumaSubject('kuma 2.x', { kind: 'kuma-two' }));

test.serial('kuma 2.x: the owner reference and labels that Kuma adds stay', async (t) => {
  const { router, canary, user, route } = await setUpWith({ kind: 'kuma-two', options: {} })('webhook');
  await router.ensure(aStep(canary), split(0));
  const live = await user.get(meshHttpRoutes, route);
  const mesh = { apiVersion: 'kuma.io/v1alpha1', kind: 'Mesh', name: 'default', uid: randomUUID() };
  const ownerReferences = [...(live.metadata.ownerReferences ?? []), mesh];
  const labels = { 'kuma.io/policy-role': 'producer' };
  await user.mergePatch(meshHttpRoutes, route, { patch: { metadata: { ownerReferences, labels } } });
  await router.ensure(aStep(canary), split(10));
  const { metadata } = await user.get(meshHttpRoutes, route);
  t.deepEqual(metadata.ownerReferences?.map(({ kind }) => kind).sort(), ['Canary', 'Mesh']);
  t.deepEqual(metadata.labels, { 'kuma.io/mesh': 'default', 'kuma.io/policy-role': 'producer' });
});

test.serial('kuma: the mesh is what the Canary says, else what its namespace says', async (t) => {
  const { router, canary, edited, user, route } = await setUpWith({ kind: 'kuma-two', options: {} })('mesh');
  const meshOf = async () => (await user.get(meshHttpRoutes, route)).metadata.labels?.['kuma.io/mesh'];
  await user.mergePatch(
    namespaces,
    { name: canary.namespace },
    { patch: { metadata: { labels: { 'kuma.io/mesh': 'blue' } } } },
  );
  await router.ensure(aStep(canary), split(0));
  t.is(await meshOf(), 'blue');
  const declared = edited({ metadata: { uid: canary.uid, annotations: { 'kuma.io/mesh': 'green' } } });
  await router.ensure(aStep(declared), split(0));
  t.is(await meshOf(), 'green');
});

const meshServices = resource({
  group: 'kuma.io',
  version: 'v1alpha1',
  plural: 'meshservices',
  kind: 'MeshService',
  namespaced: true,
});
const meshService = (namespace: string, name: string, appProtocol = 'http'): KubernetesObject => ({
  apiVersion: 'kuma.io/v1alpha1',
  kind: 'MeshService',
  metadata: { name, namespace, labels: { 'kuma.io/zone': 'east' } },
  spec: { ports: [{ port: 9898, name: 'http', appProtocol }] },
});
const makeMeshServices = async (namespace: string): Promise<void> => {
  await light.user.create(meshServices, meshService(namespace, 'podinfo-primary'));
  await light.user.create(meshServices, meshService(namespace, 'podinfo-canary'));
};

test.serial('an upgrade to Kuma 3.x is noticed in the step that meets it', async (t) => {
  const { router, canary, user, route } = await setUpWith({ kind: 'kuma-upgrade', options: {} })('running');
  await router.ensure(aStep(canary), split(0));
  await install(user, meshHttpRouteV3());
  await install(user, meshServiceDefinition());
  await makeMeshServices(canary.namespace);
  await router.ensure(aStep(canary), split(0));
  const live = await user.get(meshHttpRoutes, route);
  t.is(stringAt(live, 'spec', 'to', 0, 'targetRef', 'labels', 'kuma.io/display-name'), 'podinfo');
});

test.serial('a dialect that is forced and wrong is named, never written in part', async (t) => {
  const { router, canary } = await setUpWith({ kind: 'kuma-forced', options: { spec: { provider: 'kuma:v2' } } })(
    'old',
  );
  const error = await t.throwsAsync(router.ensure(aStep(canary), split(0)), { instanceOf: AdapterError });
  t.is(error.reason, 'unsupported');
  t.regex(
    error.message,
    /the definition of MeshHTTPRoute \(kuma\.io\/v1alpha1\) in this cluster is of another release$/,
  );
});

routerContract(test.serial, kumaSubject('kuma 3.x', { kind: 'kuma-three', prepare: makeMeshServices }));

test.serial(
  'kuma 3.x: no traffic goes to a Service that Kuma does not know, and all of it may always go back',
  async (t) => {
    const { router, canary, user, route } = await setUpWith({ kind: 'kuma-three', options: {} })('unknown');
    const shift = (share: number, now = later) => router.ensure(aStep(canary, { now }), split(share));
    const why = async (attempt: Promise<unknown>) => {
      const error = await t.throwsAsync(attempt, { instanceOf: AdapterError });
      t.is(error.reason, 'unavailable');
      return error.message;
    };
    await shift(0);
    t.regex(
      await why(shift(5)),
      /^MeshServiceNotReady: MeshService .*podinfo-primary is not ready: Kuma has not created it$/,
    );
    await user.create(meshServices, meshService(canary.namespace, 'podinfo-primary'));
    await user.create(meshServices, meshService(canary.namespace, 'podinfo-canary', 'tcp'));
    t.regex(
      await why(shift(5)),
      /podinfo-canary is not ready: port 9898: expected appProtocol http, http2 or grpc, got tcp$/,
    );
    await user.apply(meshServices, meshService(canary.namespace, 'podinfo-canary'), { force: true });
    t.regex(await why(shift(5, Date.now())), /it was created a moment ago$/);
    await shift(5);
    await user.delete(meshServices, { namespace: canary.namespace, name: 'podinfo-canary' });
    await shift(0);
    t.deepEqual(
      weightsAt('spec', 'to', 0, 'rules', 0, 'default', 'backendRefs')(await user.get(meshHttpRoutes, route)),
      [100, 0],
    );
  },
);

test.serial(
  'kuma 3.x: requests are copied by a filter that is written once and goes with the wish for it',
  async (t) => {
    const setting = { kind: 'kuma-three', options: { analysis: { iterations: 3, mirror: true } } };
    const { router, canary, user, route } = await setUpWith({ ...setting, prepare: makeMeshServices })('mirror');
    const live = () => user.get(meshHttpRoutes, route);
    const mirror = { ...split(0), mirrored: true };
    await router.ensure(aStep(canary, { now: later }), mirror);
    const first = await live();
    const at = ['spec', 'to', 0, 'rules', 0, 'default', 'filters'] as const;
    const labels = {
      'kuma.io/display-name': 'podinfo-canary',
      'k8s.kuma.io/namespace': canary.namespace,
      'kuma.io/zone': 'east',
    };
    t.like(arrayAt(first, ...at), [
      { type: 'RequestMirror', requestMirror: { backendRef: { kind: 'MeshService', labels, sectionName: 'http' } } },
    ]);
    await router.ensure(aStep(canary, { now: later }), mirror);
    t.is((await live()).metadata.resourceVersion, first.metadata.resourceVersion);
    await router.ensure(aStep(canary, { now: later }), split(0));
    t.deepEqual(arrayAt(await live(), ...at), []);
  },
);
