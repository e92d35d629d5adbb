/** What a changed `spec.service` does to Services that exist, and what it cannot do and says. */
import test from 'ava';
import { arrayAt, numberAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { TargetSelector } from '../../worker/targets/target.ts';
import { aStep } from '../support/a-step.ts';
import { canaryServices } from '../support/canary-services.ts';
import type { ServicesFixture } from '../support/canary-services.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';
import { aServiceTarget } from '../support/service-target.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const selector: TargetSelector = { label: 'app', value: 'podinfo', ports: [] };

const setUp = (name: string): Promise<ServicesFixture> => canaryServices(light, `change-${name}`, selector);

const own = { name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' };

test.serial('protocol and traffic distribution come and go with the Canary, whoever wrote them first', async (t) => {
  const { canary, ensureAll, get, namespace } = await setUp('fields');
  const { uid } = canary();
  const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid, controller: true };
  for (const name of ['podinfo', 'podinfo-primary', 'podinfo-canary']) {
    await light.user.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, ownerReferences: [owner] },
      spec: { ports: [{ ...own, appProtocol: 'http' }], trafficDistribution: 'PreferClose' },
    });
  }
  /** What the three have, each once. */
  const seen = async () => {
    const all = ['podinfo', 'podinfo-primary', 'podinfo-canary'].map(async (name) => {
      const service = await get(name);
      const protocol = stringAt(service, 'spec', 'ports', 0, 'appProtocol');
      return `${protocol} ${stringAt(service, 'spec', 'trafficDistribution')}`;
    });
    return [...new Set(await Promise.all(all))];
  };
  await ensureAll(canary());
  t.deepEqual(await seen(), ['undefined undefined']);
  const changed = canary({ appProtocol: 'grpc', trafficDistribution: 'PreferClose' });
  await ensureAll(changed);
  t.deepEqual(await seen(), ['grpc PreferClose']);
  const asked = light.requests.length;
  await ensureAll(changed);
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
  await ensureAll(canary());
  t.deepEqual(await seen(), ['undefined undefined']);
});

test.serial('a Service that cannot become headless, or no longer be it, is told by its name', async (t) => {
  const { canary, adapter, namespace } = await setUp('headless');
  t.deepEqual(await adapter.ensurePair(aStep(canary()), selector), { warnings: [] });
  const warning = (name: string, headless: boolean, found: string) =>
    `service ${name}.${namespace}: expected spec.service.headless ${headless} of Canary podinfo, got ${found}, ` +
    'and an existing Service cannot be changed in that: delete it, and it is made anew';
  const wish = canary({ headless: true });
  t.deepEqual(await adapter.ensurePair(aStep(wish), selector), {
    warnings: ['podinfo-canary', 'podinfo-primary'].map((name) => warning(name, true, 'one with a cluster IP')),
  });
  for (const name of ['podinfo-canary', 'podinfo-primary']) await light.user.delete(services, { namespace, name });
  t.deepEqual(await adapter.ensurePair(aStep(wish), selector), { warnings: [] });
  t.deepEqual(await adapter.ensureApex(aStep(wish), selector), {});
  t.deepEqual(await adapter.ensureApex(aStep(canary()), selector), {
    warnings: [warning('podinfo', false, 'a headless one')],
  });
});

test.serial('the Services of a former name are told once the spec has changed, and stay', async (t) => {
  const { canary, adapter, ensureAll, namespace, get } = await setUp('renamed');
  const renamed = canary({ name: 'shop' });
  /** A Canary whose spec was changed since its status was saved. */
  const edited = (of: typeof renamed) => ({ ...of, generation: 2, status: { ...of.status, observedGeneration: 1 } });
  await ensureAll(canary());
  t.deepEqual(await adapter.ensurePair(aStep(edited(canary())), selector), { warnings: [] });
  const asked = light.requests.length;
  t.deepEqual(await adapter.ensurePair(aStep(renamed), selector), { warnings: [] });
  const isListed = () => light.requests.slice(asked).some((line) => line.startsWith('list services'));
  t.false(isListed(), 'not in every step');
  const told = {
    warnings: [
      `services podinfo, podinfo-canary, podinfo-primary of namespace ${namespace} are left behind by a former ` +
        'spec.service.name (now shop): delete them when nobody calls them any more',
    ],
  };
  t.deepEqual(await adapter.ensurePair(aStep(edited(renamed)), selector), told);
  t.true(isListed());
  t.deepEqual(valueAt(await get('podinfo'), 'spec', 'selector'), { app: 'podinfo-primary' });
});

test.serial('a user’s own Service that was the apex is among those that are left behind', async (t) => {
  const { canary, adapter, ensureAll, had, namespace, edit } = await setUp('renamed-users');
  await had({ selector: { app: 'podinfo' }, ports: [own] });
  await light.user.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'other', namespace },
    spec: { selector: { app: 'podinfo-primary' }, ports: [own] },
  });
  await ensureAll(canary());
  const renamed = canary({ name: 'shop' });
  const step = aStep({ ...renamed, generation: 2, status: { ...renamed.status, observedGeneration: 1 } });
  const [warning] = (await adapter.ensurePair(step, selector)).warnings ?? [];
  t.regex(warning ?? '', /^services podinfo, podinfo-canary, podinfo-primary of /);
  await edit('podinfo', { spec: { selector: { app: 'podinfo' } } });
  const [after] = (await adapter.ensurePair(step, selector)).warnings ?? [];
  t.regex(after ?? '', /^services podinfo-canary, podinfo-primary of /, 'its user has taken it back');
});

test.serial('the copies of a Service as a target are told as well', async (t) => {
  const { canary, canaryWith, services: adapter, namespace } = await aServiceTarget(light, 'renamed');
  await adapter.ensurePair(aStep(canary));
  const metadata: JsonRecord = { uid: canary.uid, generation: 2 };
  const status = { observedGeneration: 1, phase: 'Succeeded' } as const;
  const renamed = canaryWith({ service: { name: 'shop' }, metadata, status });
  t.deepEqual(await adapter.ensurePair(aStep(renamed)), {
    warnings: [
      `services podinfo-canary of namespace ${namespace} are left behind by a former spec.service.name (now shop): ` +
        'delete them when nobody calls them any more',
    ],
  });
});

test.serial('node ports of a user’s own apex stay with the names of their ports', async (t) => {
  const { canary, ensureAll, get, had } = await setUp('node-ports');
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'grpc', port: 9999, targetPort: 9999, protocol: 'TCP' },
  ];
  const nodePorts = async () => {
    const found = arrayAt(await get('podinfo'), 'spec', 'ports');
    return Object.fromEntries(found.map((port) => [stringAt(port, 'name'), numberAt(port, 'nodePort')]));
  };
  await had({ type: 'NodePort', selector: { app: 'podinfo' }, ports });
  const before = await nodePorts();
  t.is(typeof before['http'], 'number');
  await ensureAll(canary());
  t.deepEqual(await nodePorts(), before);
  t.is(stringAt(await get('podinfo'), 'spec', 'type'), 'NodePort');
});

test.serial('the only port of a user’s own apex, which has no name, is given one to stand beside ours', async (t) => {
  const { canary, adapter, ensureAll, get, had } = await setUp('nameless');
  const users = { port: 80, targetPort: 8080, protocol: 'TCP' };
  await had({ selector: { app: 'podinfo' }, ports: [users] });
  await ensureAll(canary());
  const found = arrayAt(await get('podinfo'), 'spec', 'ports');
  t.deepEqual(found.toSorted(byNumber), [{ ...users, name: 'tcp-80' }, own]);
  const asked = light.requests.length;
  await ensureAll(canary());
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
  await adapter.restoreApex(aStep(canary()), () => Promise.resolve(selector));
  t.deepEqual(valueAt(await get('podinfo'), 'spec', 'ports'), [users]);
});

const byNumber = (a: unknown, b: unknown): number => (numberAt(a, 'port') ?? 0) - (numberAt(b, 'port') ?? 0);

test.serial('so is that of a user’s own Service of the canary, and it keeps its name from then on', async (t) => {
  const { canary, ensureAll, get, namespace } = await setUp('nameless-pair');
  const users = { port: 80, targetPort: 8080, protocol: 'TCP' };
  await light.user.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'podinfo-canary', namespace },
    spec: { selector: { app: 'podinfo' }, ports: [users] },
  });
  await ensureAll(canary());
  const found = async () => arrayAt(await get('podinfo-canary'), 'spec', 'ports').toSorted(byNumber);
  t.like(await found(), [{ ...users, name: 'tcp-80' }, own]);
  const asked = light.requests.length;
  await ensureAll(canary());
  t.deepEqual(writesAmong(light.requests.slice(asked)), []);
  t.like(await found(), [{ ...users, name: 'tcp-80' }, own]);
});
