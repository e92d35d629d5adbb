import test from 'ava';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { aStep } from '../support/a-step.ts';
import { startLightClient } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';
import { aServiceTarget, firstId, promoteService } from '../support/service-target.ts';
import type { ServiceFixture, SetUp } from '../support/service-target.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const setUp = (name: string, options?: SetUp): Promise<ServiceFixture> => aServiceTarget(light, name, options);

const flux = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

test.serial('both copies select what the target selects, carry its metadata and belong to the Canary', async (t) => {
  const {
    canary,
    target,
    services: adapter,
    get,
  } = await setUp('copies', {
    includeLabelPrefixes: ['team'],
    metadata: {
      labels: { app: 'podinfo', team: 'birds', 'kustomize.toolkit.fluxcd.io/name': 'apps' },
      annotations: {
        '9898.service.kuma.io/protocol': 'http',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'kustomize.toolkit.fluxcd.io/checksum': 'x',
      },
    },
    spec: { sessionAffinity: 'ClientIP', publishNotReadyAddresses: true },
  });
  await adapter.ensurePair(aStep(canary));
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const user = await get('podinfo');
  for (const [name, note] of [
    ['podinfo-canary', {}],
    ['podinfo-primary', { 'flagger-id': firstId }],
  ] as const) {
    const { metadata, spec } = await get(name);
    t.deepEqual(metadata.labels, { team: 'birds' }, name);
    t.deepEqual(metadata.annotations, { '9898.service.kuma.io/protocol': 'http', ...flux, ...note });
    t.like(metadata.ownerReferences?.[0], { kind: 'Canary', uid: canary.uid, controller: true });
    t.not(valueAt(spec, 'clusterIP'), valueAt(user, 'spec', 'clusterIP'));
    const without = (of: unknown): JsonRecord => ({ ...(of as JsonRecord), clusterIP: '', clusterIPs: [] });
    t.deepEqual(without(spec), without(user['spec']));
  }
});

test.serial('fields, ports and keys that a release takes away leave the copies, foreign metadata stays', async (t) => {
  const ports = [
    { name: 'http', port: 9898, appProtocol: 'http' },
    { name: 'grpc', port: 9999 },
  ];
  const fixture = await setUp('removed', {
    spec: { ports, trafficDistribution: 'PreferClose' },
    metadata: { annotations: { old: 'yes' } },
  });
  const { canary, target, services: adapter, get, edit } = fixture;
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await adapter.ensurePair(aStep(canary));
  for (const name of ['podinfo-canary', 'podinfo-primary']) {
    await edit(name, { metadata: { labels: { mine: 'yes' } }, spec: { selector: { app: 'stray' } } });
  }
  await edit('podinfo', {
    metadata: { annotations: { old: null } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 9898 }], trafficDistribution: null },
  });
  await promoteService(fixture);
  for (const name of ['podinfo-canary', 'podinfo-primary']) {
    const { metadata, spec } = await get(name);
    t.deepEqual(valueAt(spec, 'ports'), [{ name: 'http', port: 80, targetPort: 9898, protocol: 'TCP' }], name);
    t.is(valueAt(spec, 'trafficDistribution'), undefined, name);
    t.deepEqual(valueAt(spec, 'selector'), { app: 'podinfo', version: 'one' }, name);
    t.deepEqual([metadata.labels?.['mine'], metadata.annotations?.['old']], ['yes', undefined], name);
  }
});

test.serial('copies written by another controller are taken over whole', async (t) => {
  const fixture = await setUp('taken-over');
  const { canary, target, services: adapter, namespace, get } = fixture;
  const owner = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'podinfo',
    uid: canary.uid,
    controller: true,
  };
  for (const name of ['podinfo-canary', 'podinfo-primary']) {
    await light.user.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, ownerReferences: [owner] },
      spec: {
        selector: { app: 'podinfo', version: 'zero' },
        ports: [{ name: 'old', port: 1 }],
        sessionAffinity: 'ClientIP',
      },
    });
  }
  t.like((await target.observe(aStep(canary))).primary, { equalsTarget: false });
  await adapter.ensurePair(aStep(canary));
  await promoteService(fixture);
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
  for (const name of ['podinfo-canary', 'podinfo-primary']) {
    t.like((await get(name))['spec'], { selector: { version: 'one' }, sessionAffinity: 'None' });
    t.is(arrayAt(await get(name), 'spec', 'ports').length, 1);
  }
});

test.serial('a load balancer is copied without its address, its node ports and its price', async (t) => {
  const ports = [{ name: 'http', port: 9898, nodePort: 30_123 }];
  const fixture = await setUp('load-balancer', {
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports },
  });
  await promoteService(fixture);
  const { spec } = await fixture.primary();
  t.is(valueAt(spec, 'type'), 'ClusterIP');
  t.is(valueAt(spec, 'ports', 0, 'nodePort'), undefined);
  t.true((await fixture.target.observe(aStep(fixture.canary))).primary?.equalsTarget);
});

test.serial('a release may go from a name outside of the cluster to pods, and back', async (t) => {
  const external = { type: 'ExternalName', externalName: 'old.example.com', selector: null, ports: null };
  const fixture = await setUp('external', { spec: external });
  const { canary, target, edit, primary } = fixture;
  await promoteService(fixture);
  t.like((await primary())['spec'], { type: 'ExternalName', externalName: 'old.example.com' });
  t.is((await fixture.services.endpoints(aStep(canary))).primary, 1, 'a name has no endpoints to wait for');
  const pods = { type: 'ClusterIP', externalName: null, selector: { app: 'podinfo' }, ports: [{ port: 80 }] };
  await edit('podinfo', { spec: pods });
  await promoteService(fixture);
  t.like((await primary())['spec'], { type: 'ClusterIP', selector: { app: 'podinfo' } });
  await edit('podinfo', { spec: external });
  await promoteService(fixture);
  t.like((await primary())['spec'], { type: 'ExternalName', externalName: 'old.example.com' });
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
});

test.serial('a copy cannot become headless: it keeps serving and that is said', async (t) => {
  const { canary, services: adapter, namespace, get, target } = await setUp('headless');
  await adapter.ensurePair(aStep(canary));
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const { metadata, spec } = await get('podinfo');
  await light.user.delete(services, { namespace, name: 'podinfo' });
  const { name } = metadata;
  const headless = { selector: valueAt(spec, 'selector'), ports: valueAt(spec, 'ports'), clusterIP: 'None' };
  await light.user.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: headless,
  });
  t.deepEqual(await adapter.ensurePair(aStep(canary)), {
    warnings: [
      `Service ${namespace}/podinfo-canary can't follow its target in being headless or not: ` +
        'delete it, and it is made anew',
    ],
  });
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
  await light.user.delete(services, { namespace, name: 'podinfo-canary' });
  t.deepEqual(await adapter.ensurePair(aStep(canary)), { warnings: [] });
  t.is(valueAt(await get('podinfo-canary'), 'spec', 'clusterIP'), 'None');
});
