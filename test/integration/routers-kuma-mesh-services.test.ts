/** When the Kuma router waits for MeshServices in the dialect of 2.x, on a real API server. */
import test from 'ava';
import { meshHttpRoutes, resource } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import { split } from '../contract/router.contract.ts';
import { aStep } from '../support/a-step.ts';
import { install, kumaDefinition, meshHttpRouteV2, meshServiceDefinition } from '../support/definitions.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';
import { routerFixtures, weightsAt } from '../support/router-fixtures.ts';

let light: LightClient;

const kuma = { group: 'kuma.io', version: 'v1alpha1' };
const meshes = resource({ ...kuma, plural: 'meshes', kind: 'Mesh', namespaced: false });
const meshServices = resource({ ...kuma, plural: 'meshservices', kind: 'MeshService', namespaced: true });

test.before(async () => {
  light = await startLightClient();
  await install(light.user, meshHttpRouteV2());
  await install(light.user, meshServiceDefinition());
  await install(light.user, kumaDefinition({ kind: 'Mesh', plural: 'meshes', scope: 'Cluster' }));
});
test.after.always(() => light.close());

const later = Date.now() + 3_600_000;

async function setUp(mode?: string) {
  const mesh = `mesh-${(mode ?? 'unset').toLowerCase()}`;
  const spec = mode === undefined ? {} : { meshServices: { mode } };
  await light.user.create(meshes, { apiVersion: 'kuma.io/v1alpha1', kind: 'Mesh', metadata: { name: mesh }, spec });
  const { router, canary, edited, user, route } = await routerFixtures({
    light: () => light,
    kind: 'kuma-services',
    options: {},
  })(mesh);
  const inMesh = edited({ metadata: { uid: canary.uid, annotations: { 'kuma.io/mesh': mesh } } });
  const shift = (share: number) => router.ensure(aStep(inMesh, { now: later }), split(share));
  const weights = async () =>
    weightsAt('spec', 'to', 0, 'rules', 0, 'default', 'backendRefs')(await user.get(meshHttpRoutes, route));
  return { namespace: canary.namespace, shift, weights };
}

for (const mode of ['Everywhere', 'ReachableBackends', 'Exclusive']) {
  test.serial(`kuma 2.x, mode ${mode}: the canary gets nothing until Kuma has its MeshServices`, async (t) => {
    const { namespace, shift, weights } = await setUp(mode);
    await shift(0);
    const error = await t.throwsAsync(shift(5), { instanceOf: AdapterError });
    t.is(error.reason, 'unavailable');
    t.regex(error.message, /MeshService .*podinfo-primary is not ready: Kuma has not created it$/);
    t.deepEqual(await weights(), [100, 0]);
    for (const name of ['podinfo-primary', 'podinfo-canary']) {
      await light.user.create(meshServices, {
        apiVersion: 'kuma.io/v1alpha1',
        kind: 'MeshService',
        metadata: { name, namespace },
        spec: { ports: [{ port: 9898, name: 'http', appProtocol: 'http' }] },
      });
    }
    await shift(5);
    t.deepEqual(await weights(), [95, 5]);
  });
}

for (const mode of ['Disabled', undefined]) {
  test.serial(`kuma 2.x, mode ${mode ?? 'not set'}: there are no MeshServices to wait for`, async (t) => {
    const { shift, weights } = await setUp(mode);
    await shift(5);
    t.deepEqual(await weights(), [95, 5]);
  });
}
