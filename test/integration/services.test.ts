import { randomUUID } from 'node:crypto';
import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { pods, resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { TargetSelector } from '../../worker/targets/target.ts';
import { aStep } from '../support/a-step.ts';
import { canaryServices } from '../support/canary-services.ts';
import type { ServicesFixture } from '../support/canary-services.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

const serviceAccounts = resource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
});
const nodes = resource({ group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false });

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const selector: TargetSelector = { label: 'app', value: 'podinfo', ports: [] };
const own = { name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' };
const flux = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

const setUp = (name: string): Promise<ServicesFixture> => canaryServices(light, name, selector);

const mesh = (role: string): JsonRecord => ({
  annotations: { '9898.service.kuma.io/protocol': 'http', role },
  labels: { role },
});

test.serial('the three Services select their pods, carry their own metadata and belong to the Canary', async (t) => {
  const { canary, ensureAll, get } = await setUp('shape');
  const mine = canary({ appProtocol: 'http', apex: mesh('apex'), primary: mesh('primary'), canary: mesh('canary') });
  await ensureAll(mine);
  const rows = [
    ['podinfo', 'apex', 'podinfo-primary'],
    ['podinfo-primary', 'primary', 'podinfo-primary'],
    ['podinfo-canary', 'canary', 'podinfo'],
  ] as const;
  for (const [name, role, app] of rows) {
    const { metadata, ...service } = await get(name);
    t.deepEqual(metadata.labels, { role, app: name });
    t.deepEqual(metadata.annotations, { '9898.service.kuma.io/protocol': 'http', role, ...flux });
    t.like(metadata.ownerReferences?.[0], {
      kind: 'Canary',
      uid: mine.uid,
      controller: true,
      blockOwnerDeletion: true,
    });
    t.like(service, { spec: { type: 'ClusterIP', selector: { app } } });
    t.deepEqual(valueAt(service, 'spec', 'ports'), [{ ...own, appProtocol: 'http' }]);
  }
});

test.serial('nothing is written when nothing differs, foreign labels included', async (t) => {
  const { canary, ensureAll, get, edit } = await setUp('quiet');
  await ensureAll(canary());
  await edit('podinfo', { metadata: { labels: { mine: 'yes' }, annotations: { 'mesh.example/seen': 'yes' } } });
  const versions = async () =>
    Promise.all(
      ['podinfo', 'podinfo-primary', 'podinfo-canary'].map(async (of) => (await get(of)).metadata.resourceVersion),
    );
  const before = await versions();
  const asked = light.requests.length;
  await ensureAll(canary());
  t.deepEqual(await versions(), before);
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
});

test.serial('a changed Canary changes its Services, and foreign metadata survives', async (t) => {
  const { canary, ensureAll, get, edit } = await setUp('changed');
  await ensureAll(canary({ apex: { labels: { old: 'yes' }, annotations: { old: 'yes' } } }));
  await edit('podinfo', { metadata: { labels: { mine: 'yes' }, annotations: { mine: 'yes' } } });
  await ensureAll(canary({ port: 80, targetPort: 'web', appProtocol: 'http', trafficDistribution: 'PreferClose' }));
  const { metadata, ...service } = await get('podinfo');
  t.deepEqual(metadata.labels, { app: 'podinfo', mine: 'yes' });
  t.deepEqual(metadata.annotations, { ...flux, mine: 'yes' });
  const port = { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP', appProtocol: 'http' };
  t.deepEqual(valueAt(service, 'spec', 'ports'), [port]);
  t.is(valueAt(service, 'spec', 'trafficDistribution'), 'PreferClose');
});

test.serial('a selector that was changed by hand is put back, with the ports that were added', async (t) => {
  const { canary, ensureAll, get, edit } = await setUp('drift');
  await ensureAll(canary());
  const added = { name: 'extra', port: 1234, targetPort: 1234, protocol: 'TCP' };
  await edit('podinfo', { spec: { selector: { version: 'v2' }, ports: [own, added] } });
  await ensureAll(canary());
  t.deepEqual(valueAt(await get('podinfo'), 'spec', 'selector'), { app: 'podinfo-primary' });
  t.deepEqual(valueAt(await get('podinfo'), 'spec', 'ports'), [own]);
});

test.serial("a user's own apex keeps its metadata and further ports; its first state is stored once", async (t) => {
  const { canary, ensureAll, get, had } = await setUp('user-apex');
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'grpc', port: 9999, targetPort: 9999, protocol: 'TCP' },
  ];
  await had({ selector: { app: 'podinfo', tier: 'web' }, ports }, { labels: { team: 'birds' } });
  await ensureAll(canary({ apex: mesh('apex') }));
  const { metadata, ...service } = await get('podinfo');
  t.deepEqual(metadata.labels, { team: 'birds' });
  t.is(metadata.ownerReferences, undefined);
  const stored = metadata.annotations?.['aviary.dev/original-service'] ?? '';
  t.deepEqual(JSON.parse(stored), { selector: { app: 'podinfo', tier: 'web' }, ports });
  t.deepEqual(metadata.annotations, { ...flux, 'aviary.dev/original-service': stored });
  t.deepEqual(valueAt(service, 'spec', 'selector'), { app: 'podinfo-primary' });
  const byNumber = (valueAt(service, 'spec', 'ports') as { port: number }[]).toSorted((a, b) => a.port - b.port);
  t.deepEqual(byNumber, [own, ports[1]]);

  const asked = light.requests.length;
  await ensureAll(canary({ apex: mesh('apex') }));
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
  await ensureAll(canary({ port: 9000 }));
  t.is((await get('podinfo')).metadata.annotations?.['aviary.dev/original-service'], stored);
});

test.serial('Services that the Canary controls but another controller wrote lose what is not wanted', async (t) => {
  const { canary, ensureAll, get, had } = await setUp('taken-over');
  const { uid } = canary();
  const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid, controller: true };
  await had({ selector: { app: 'podinfo' }, ports: [{ name: 'http', port: 80 }] }, { ownerReferences: [owner] });
  await ensureAll(canary());
  const apex = await get('podinfo');
  t.deepEqual(valueAt(apex, 'spec', 'ports'), [own]);
  t.is(apex.metadata.annotations?.['aviary.dev/original-service'], undefined);
  t.is(apex.metadata.ownerReferences?.length, 1);
});

test.serial('a Service of another Canary is refused and left as it is', async (t) => {
  const { canary, ensureAll, get, had } = await setUp('other');
  const owner = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'other',
    uid: randomUUID(),
    controller: true,
  };
  const { metadata } = await had({ selector: { app: 'x' }, ports: [{ port: 80 }] }, { ownerReferences: [owner] });
  t.like(await t.throwsAsync(ensureAll(canary())), {
    reason: 'invalid',
    message:
      'Service service-other/podinfo: expected no controller or Canary podinfo, got Canary other; ' +
      'rename the target or the service of one of the two',
  });
  t.is((await get('podinfo')).metadata.resourceVersion, metadata.resourceVersion);
});

test.serial('a write of somebody else between reading and writing is kept, and ours is made too', async (t) => {
  const { canary, ensureAll, get, edit, adapter } = await setUp('race');
  await ensureAll(canary());
  let races = 0;
  const fence = async () => {
    races += 1;
    if (races === 1) await edit('podinfo', { metadata: { labels: { mine: 'yes' } } });
  };
  await adapter.ensureApex(aStep(canary({ port: 80 }), { fence }), selector);
  t.is(races, 2, 'the fence is asked again for the second try');
  const apex = await get('podinfo');
  t.is(apex.metadata.labels?.['mine'], 'yes');
  t.is(valueAt(apex, 'spec', 'ports', 0, 'port'), 80);
});

test.serial('headless Services are made headless; an existing one stays what it was', async (t) => {
  const { canary, ensureAll, get } = await setUp('headless');
  await ensureAll(canary({ headless: true }));
  t.is(valueAt(await get('podinfo-primary'), 'spec', 'clusterIP'), 'None');
  const asked = light.requests.length;
  await ensureAll(canary({ headless: false }));
  t.is(valueAt(await get('podinfo-primary'), 'spec', 'clusterIP'), 'None');
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
});

test.serial('endpoints tell who is ready behind the primary, and when the apex serves nobody else', async (t) => {
  const { canary, ensureAll, had, namespace, adapter } = await setUp('endpoints');
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner', namespace } };
  await light.user.create(serviceAccounts, account);
  // Pods on no node, or on one that nobody knows, are not listed.
  await light.user.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'perch' } });
  const start = async (name: string, podIP: string) => {
    const app = name.replace(/-\d$/, '');
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { app } } };
    await light.user.create(pods, {
      ...pod,
      spec: { nodeName: 'perch', serviceAccountName: 'runner', containers: [{ name: 'podinfo', image: 'podinfo:1' }] },
    });
    const status = {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
    };
    await light.user.patchStatus(pods, { namespace, name }, { patch: { status } });
  };
  const seen = (primary: number, apexServesPrimary: boolean) =>
    waitFor({
      what: `${primary} ready behind the primary, ${apexServesPrimary ? '' : 'not '}served by the apex`,
      seconds: 20,
      look: async () => {
        const fact = await adapter.endpoints(aStep(canary()));
        return fact.primary === primary && fact.apexServesPrimary === apexServesPrimary ? true : undefined;
      },
    });
  await had({ selector: { app: 'podinfo' }, ports: [{ name: 'http', port: 9898 }] });
  await adapter.ensurePair(aStep(canary()), selector);
  await start('podinfo-1', '10.1.0.1');
  await start('podinfo-primary-1', '10.1.0.2');
  await start('podinfo-primary-2', '10.1.0.3');
  t.true(await seen(2, false));
  await ensureAll(canary());
  t.true(await seen(2, true));
});
