import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { configMaps, endpointSlices, services } from '../../platform/kubernetes/resources.ts';
import { revisionContract } from '../contract/target.contract.ts';
import { aStep } from '../support/a-step.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';
import { aServiceTarget, firstId, promoteService, versionSelector } from '../support/service-target.ts';
import type { ServiceFixture, SetUp } from '../support/service-target.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const setUp = (name: string, options?: SetUp): Promise<ServiceFixture> => aServiceTarget(light, name, options);

revisionContract(test.serial, 'Service', (name) => setUp(name));

test.serial('the user’s Service is never written, and nothing is written when nothing differs', async (t) => {
  const fixture = await setUp('quiet');
  const { canary, target, services: adapter, get } = fixture;
  const { resourceVersion } = (await get('podinfo')).metadata;
  await promoteService(fixture);
  const before = light.requests.length;
  await adapter.ensurePair(aStep(canary));
  await adapter.ensureApex(aStep(canary));
  await target.scale(aStep(canary), 'zero');
  await target.scale(aStep(canary), 'running');
  await promoteService(fixture);
  t.deepEqual(writesAmong(light.requests.slice(before)), []);
  t.is((await get('podinfo')).metadata.resourceVersion, resourceVersion);
});

test.serial('a promoted primary still belongs to the Canary, and not to the owner of its target', async (t) => {
  const fixture = await setUp('owner');
  const { namespace } = fixture;
  const release = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'release', namespace } };
  const { uid = '' } = (await light.user.create(configMaps, release)).metadata;
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'release', uid };
  await fixture.edit('podinfo', { metadata: { ownerReferences: [owner] } });
  await fixture.target.ensurePrimary(aStep(fixture.canary), { follow: false, flaggerId: firstId });
  await fixture.release();
  await promoteService(fixture);
  const { metadata, spec } = await fixture.primary();
  t.deepEqual(valueAt(spec, 'selector'), { app: 'podinfo', version: 'two' });
  t.deepEqual(
    metadata.ownerReferences?.map((reference) => reference.uid),
    [fixture.canary.uid],
  );
});

test.serial('the copies are named after the service of the Canary, as routers name them', async (t) => {
  const fixture = await setUp('named-service', { canary: { service: { name: 'shop' } } });
  await promoteService(fixture);
  const { namespace } = fixture;
  const { items } = await light.user.list(services, { namespace });
  t.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['podinfo', 'shop-canary', 'shop-primary']);
});

test.serial(
  'a copy with traffic on it waits for the traffic to leave before it becomes another revision',
  async (t) => {
    const { canary, canaryWith, services: adapter, target, edit, get } = await setUp('serving');
    await adapter.ensurePair(aStep(canary));
    const { revision } = await target.observe(aStep(canary));
    const status = { phase: 'Progressing', lastAppliedSpec: revision.template, canaryWeight: 20 } as const;
    const versionOf = async () => valueAt(await get('podinfo-canary'), 'spec', 'selector', 'version');
    await edit('podinfo-canary', versionSelector('stray'));
    await adapter.ensurePair(aStep(canaryWith({ status })));
    t.is(await versionOf(), 'one', 'the accepted revision is repaired under traffic');
    await edit('podinfo', versionSelector('two'));
    await adapter.ensurePair(aStep(canaryWith({ status })));
    t.is(await versionOf(), 'one');
    await adapter.ensurePair(aStep(canaryWith({ status: { ...status, canaryWeight: 0 } })));
    t.is(await versionOf(), 'two');
  },
);

test.serial('the primary is waited for wherever the user’s Service answers', async (t) => {
  const { canary, services: adapter, namespace } = await setUp('endpoints');
  const answer = async () => (await adapter.endpoints(aStep(canary))).primary;
  const answers = (service: string, ready: boolean) =>
    light.user.create(endpointSlices, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `by-hand-${service}`, namespace, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready } }],
      ports: [{ name: 'http', port: 9898 }],
    });
  t.is(await answer(), 1, 'nobody is there to be missed');
  await answers('podinfo', true);
  t.is(await answer(), 0);
  await answers('podinfo-primary', true);
  t.is(await answer(), 1);
});

test.serial('another writer between reading and promoting: metadata is no conflict, a changed spec is', async (t) => {
  const fixture = await setUp('conflict');
  const { canary, target, edit, primary } = fixture;
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await fixture.release();
  const promotion = async (meanwhile: JsonRecord) => {
    const step = aStep(canary);
    const { revision } = await target.observe(step);
    await edit('podinfo-primary', meanwhile);
    return target.promote(step, { revision, flaggerId: firstId });
  };
  t.like(await t.throwsAsync(promotion(versionSelector('stray'))), { kind: 'conflict' });
  t.deepEqual(await promotion({ metadata: { labels: { mine: 'yes' } } }), { kind: 'copied' });
  t.is((await primary()).metadata.labels?.['mine'], 'yes');
});

test.serial('a deleted Canary has nothing to give back: the user’s Service is as it was', async (t) => {
  const { canary, target, services: adapter, namespace } = await setUp('deleted');
  t.deepEqual(await adapter.restoreApex(aStep(canary)), { changed: false, leadsToTarget: false });
  t.deepEqual(await target.restore(aStep(canary), { raise: true }), { kind: 'ready' });
  await light.user.delete(services, { namespace, name: 'podinfo' });
  t.deepEqual(await target.restore(aStep(canary), { raise: true }), { kind: 'gone' });
  const message = `service podinfo.${namespace} get query error: there is no such object`;
  t.like(await t.throwsAsync(target.observe(aStep(canary))), { reason: 'notFound', message });
});
