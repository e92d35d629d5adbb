/** The apex Service at the end of its Canary. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import { configMaps, services } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import type { TargetSelector } from '../../worker/targets/target.ts';
import { aStep } from '../support/a-step.ts';
import { canaryServices } from '../support/canary-services.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const selector: TargetSelector = { label: 'app', value: 'podinfo', ports: [] };
const known = async (): Promise<TargetSelector> => selector;
const withoutTarget = async (): Promise<never> => {
  throw new AdapterError('notFound', 'deployment podinfo.test get query error: there is no such object');
};
const flux = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

const setUp = (name: string) => canaryServices(light, `end-${name}`, selector);

test.serial('an apex of the Canary’s own selects the target and belongs to nobody any more', async (t) => {
  const { canary, ensureAll, get, adapter } = await setUp('own');
  const mine = canary({ apex: { labels: { team: 'birds' }, annotations: { 'mesh.example/port': 'http' } } });
  await ensureAll(mine);
  t.deepEqual(await adapter.restoreApex(aStep(mine), known), { changed: true, leadsToTarget: true });
  const { metadata, ...apex } = await get('podinfo');
  t.deepEqual(valueAt(apex, 'spec', 'selector'), { app: 'podinfo' });
  t.is(metadata.ownerReferences, undefined);
  t.deepEqual(metadata.annotations, { 'mesh.example/port': 'http' }, 'Flux may see to it again');
  t.deepEqual(metadata.labels, { app: 'podinfo', team: 'birds' }, 'others may find it by its labels');
  const asked = light.requests.length;
  t.deepEqual(await adapter.restoreApex(aStep(mine), known), { changed: false, leadsToTarget: true });
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
});

test.serial('other owners of the apex stay', async (t) => {
  const { canary, ensureAll, get, edit, adapter, namespace } = await setUp('owners');
  await ensureAll(canary());
  // An owner that does not exist would have the Service collected.
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace } };
  const { uid = '' } = (await light.user.create(configMaps, owner)).metadata;
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', uid };
  const ownerReferences = [...((await get('podinfo')).metadata.ownerReferences ?? []), other];
  await edit('podinfo', { metadata: { ownerReferences } });
  await adapter.restoreApex(aStep(canary()), known);
  t.deepEqual((await get('podinfo')).metadata.ownerReferences, [other]);
});

test.serial('a user’s apex has its selector, ports and annotations as they were before the Canary', async (t) => {
  const { canary, ensureAll, get, had, adapter } = await setUp('users');
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'grpc', port: 9999, targetPort: 9999, protocol: 'TCP' },
  ];
  const wanted = { selector: { app: 'podinfo', tier: 'web' }, ports };
  const before = await had(wanted, { labels: { team: 'birds' }, annotations: { note: 'mine' } });
  await ensureAll(canary());
  t.notDeepEqual((await get('podinfo'))['spec'], before['spec']);
  t.deepEqual(await adapter.restoreApex(aStep(canary()), known), { changed: true, leadsToTarget: true });
  const after = await get('podinfo');
  t.deepEqual(after['spec'], before['spec']);
  t.deepEqual(after.metadata.labels, { team: 'birds' });
  t.deepEqual(after.metadata.annotations, { note: 'mine' });
  t.false(
    (after.metadata.managedFields ?? []).some(({ operation }) => operation === 'Apply'),
    'nothing is in our name',
  );
  t.deepEqual(await adapter.restoreApex(aStep(canary()), known), { changed: false, leadsToTarget: true });
});

test.serial(
  'an apex that its user had lead elsewhere leads there again, and its target need not be known',
  async (t) => {
    const { canary, ensureAll, get, had, adapter } = await setUp('elsewhere');
    await had({ selector: { stack: 'shop' }, ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }] });
    await ensureAll(canary());
    t.deepEqual(await adapter.restoreApex(aStep(canary()), withoutTarget), { changed: true, leadsToTarget: false });
    t.deepEqual(valueAt(await get('podinfo'), 'spec', 'selector'), { stack: 'shop' });
  },
);

test.serial('an apex that the reference took over gets what kubectl last applied, else the target', async (t) => {
  for (const [name, note, expected] of [
    ['kubectl', { selector: { app: 'podinfo', tier: 'web' } }, { app: 'podinfo', tier: 'web' }],
    ['kubectl-after', { selector: { app: 'podinfo-primary' } }, { app: 'podinfo' }],
    ['no-note', undefined, { app: 'podinfo' }],
  ] as const) {
    const { canary, get, had, adapter } = await setUp(name);
    const applied = note && { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: note }) };
    const ports = [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }];
    await had({ selector: { app: 'podinfo-primary' }, ports }, { annotations: { ...flux, ...applied } });
    t.like(await adapter.restoreApex(aStep(canary()), known), { changed: true, leadsToTarget: true }, name);
    const after = await get('podinfo');
    t.deepEqual(valueAt(after, 'spec', 'selector'), expected, name);
    t.deepEqual(after.metadata.annotations, applied, name);
  }
});

test.serial('an apex that was never taken over, is another Canary’s or is gone is left alone', async (t) => {
  const { canary, get, had, adapter, edit, namespace } = await setUp('alone');
  t.deepEqual(await adapter.restoreApex(aStep(canary()), known), { changed: false, leadsToTarget: false });
  const before = await had({ selector: { app: 'podinfo' }, ports: [{ port: 80 }] }, { annotations: flux });
  t.deepEqual(await adapter.restoreApex(aStep(canary()), known), { changed: false, leadsToTarget: true });
  t.is((await get('podinfo')).metadata.resourceVersion, before.metadata.resourceVersion);
  const other = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'other',
    uid: randomUUID(),
    controller: true,
  };
  await edit('podinfo', { metadata: { ownerReferences: [other] }, spec: { selector: { app: 'podinfo-primary' } } });
  t.deepEqual(await adapter.restoreApex(aStep(canary()), known), { changed: false, leadsToTarget: false });
  t.deepEqual(valueAt(await light.user.get(services, { namespace, name: 'podinfo' }), 'spec', 'selector'), {
    app: 'podinfo-primary',
  });
});
