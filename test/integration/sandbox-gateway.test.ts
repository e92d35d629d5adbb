/** The gateway's definitions and objects on a real API server, which refuses what a kind does not know. */
import test from 'ava';
import { arrayAt, recordAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { httpRoutesV1, namespaces, pods, resource, type Resource } from '../../platform/kubernetes/resources.ts';
import { readEnvironment } from '../../sandbox/environment.ts';
import { gatewayDefinitions } from '../../sandbox/gateway/definitions.ts';
import { parseObjects } from '../../sandbox/story/example.ts';
import { gatewayPlane } from '../../sandbox/story/gateway-plane.ts';
import { install } from '../support/definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';

const images = { aviary: 'aviary:test', programs: 'programs:test', envoy: 'envoy:test' };
let light: LightClient;
let definitions: readonly KubernetesObject[];

test.before(async () => {
  light = await startLightClient();
  definitions = (await gatewayDefinitions(readEnvironment())).flatMap(parseObjects);
  // One after another: they are large, and all at once they keep the API server from answering in time.
  for (const definition of definitions) await install(light.user, definition);
  await light.namespace('aviary-system');
});
test.after.always(() => light.close());

function resourceOf({ apiVersion, kind, metadata }: KubernetesObject): Resource {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('s') ? `${lower}es` : `${lower}s`;
  return resource({ group, version, plural, kind, namespaced: metadata.namespace !== undefined });
}

test('the modules define the kinds that Contour follows', (t) => {
  const names = definitions.map(({ metadata }) => metadata.name);
  for (const wanted of ['gatewayclasses', 'gateways', 'httproutes', 'referencegrants', 'backendtlspolicies']) {
    t.true(names.includes(`${wanted}.gateway.networking.k8s.io`), wanted);
  }
  for (const wanted of ['httpproxies', 'extensionservices', 'tlscertificatedelegations', 'contourconfigurations']) {
    t.true(names.includes(`${wanted}.projectcontour.io`), wanted);
  }
  t.true(definitions.every(({ kind }) => kind === 'CustomResourceDefinition'));
});

test('the API server takes every object of the gateway', async (t) => {
  const objects = gatewayPlane.objects(images);
  for (const object of objects) {
    const written = await light.user.apply(resourceOf(object), object);
    t.is(written.metadata.name, object.metadata.name);
  }
  t.true(objects.length > 10);
});

test('every pod of the gateway is allowed where pods are restricted', async (t) => {
  const namespace = 'gateway-restricted';
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await light.user.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  const templates = [...gatewayPlane.objects(images), ...gatewayPlane.storefront(images)]
    .filter(({ kind }) => kind === 'Deployment')
    .map((deployment) => ({ name: deployment.metadata.name, spec: recordAt(deployment, 'spec', 'template', 'spec') }));
  t.deepEqual(templates.map(({ name }) => name).toSorted(), ['contour', 'envoy', 'prometheus-targets', 'storefront']);
  for (const { name, spec } of templates) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
    const { serviceAccountName: _account, ...allowed } = spec ?? {};
    await t.notThrowsAsync(
      light.user.create(pods, { ...pod, spec: { ...allowed, automountServiceAccountToken: false } }, { dryRun: true }),
    );
  }
});

test('Contour may read every kind of the Gateway API that its modules define, and no Secret may be written', (t) => {
  const role = gatewayPlane
    .objects(images)
    .find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'contour');
  const rules = arrayAt(role, 'rules').map((rule) => ({
    resources: arrayAt(rule, 'resources'),
    verbs: arrayAt(rule, 'verbs'),
  }));
  const readable = rules.filter(({ verbs }) => verbs.includes('watch')).flatMap(({ resources }) => resources);
  const routes = definitions.filter((one) => stringAt(one, 'spec', 'group') === 'gateway.networking.k8s.io');
  const unread = routes.map((one) => stringAt(one, 'spec', 'names', 'plural')).filter((one) => !readable.includes(one));
  t.deepEqual(unread, ['udproutes'], 'Contour has no UDP');
  const ofSecrets = rules.filter(({ resources }) => resources.includes('secrets')).flatMap(({ verbs }) => verbs);
  t.deepEqual(ofSecrets, ['get', 'list', 'watch']);
});

test('HTTPRoute may hang on the Gateway from another namespace, with weights', async (t) => {
  const namespace = await light.namespace('gateway-story');
  const [parent] = arrayAt(
    gatewayPlane.canary({ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'podinfo' }, spec: {} }),
    'spec',
    'service',
    'gatewayRefs',
  );
  const backendRefs = [
    { name: 'podinfo-primary', port: 9898, weight: 70 },
    { name: 'podinfo-canary', port: 9898, weight: 30 },
  ];
  const route = await light.user.apply(httpRoutesV1, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'podinfo', namespace },
    spec: { parentRefs: [parent], rules: [{ backendRefs }] },
  });
  t.is(stringAt(route, 'spec', 'parentRefs', 0, 'kind'), 'Gateway');
});
