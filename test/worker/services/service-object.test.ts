import test from 'ava';
import { valueAt } from '../../../platform/json.ts';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { controllerReference } from '../../../worker/objects/owner.ts';
import { originalServiceAnnotation, servicePlan } from '../../../worker/services/service-object.ts';
import type { ServiceRole, ServiceWish } from '../../../worker/services/service-object.ts';
import { aCanary } from '../../support/a-canary.ts';

const selector = { label: 'app', value: 'podinfo', ports: [] };
const flux = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

const canaryWith = (service: JsonRecord = {}) =>
  aCanary({ spec: { provider: 'kubernetes', service: { port: 80, ...service } } });

const owner = controllerReference(canaryWith());

const service = (spec: JsonRecord, metadata: JsonRecord = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', ...metadata },
  spec,
});

const desired = (wish: Partial<ServiceWish> = {}): KubernetesObject =>
  servicePlan({ role: 'apex', canary: canaryWith(), selector, live: undefined, ...wish }).desired;

const roles: readonly (readonly [ServiceRole, string, string])[] = [
  ['apex', 'web', 'podinfo-primary'],
  ['primary', 'web-primary', 'podinfo-primary'],
  ['canary', 'web-canary', 'podinfo'],
];

for (const [role, name, app] of roles) {
  test(`the Service ${role} is named after the apex, selects ${app} and carries metadata of its role`, (t) => {
    const mesh = { labels: { [role]: 'l' }, annotations: { [role]: 'a' } };
    const canary = canaryWith({ name: 'web', [role]: mesh });
    const { metadata, ...made } = desired({ role, canary });
    t.deepEqual(metadata, {
      name,
      namespace: 'test',
      labels: { [role]: 'l', app: name },
      annotations: { [role]: 'a', ...flux },
      ownerReferences: [controllerReference(canary)],
    });
    t.deepEqual(valueAt(made, 'spec', 'selector'), { app });
  });
}

test('the label of the workload wins over a user label of the same key, and so do the marks for Flux', (t) => {
  const apex = { labels: { app: 'x' }, annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'enabled' } };
  const { metadata } = desired({ canary: canaryWith({ apex }) });
  t.is(metadata.labels?.['app'], 'podinfo');
  t.like(metadata.annotations, flux);
});

test('traffic distribution is applied where it is set, the type of the Service never', (t) => {
  t.is(
    valueAt(desired({ canary: canaryWith({ trafficDistribution: 'PreferClose' }) }), 'spec', 'trafficDistribution'),
    'PreferClose',
  );
  t.deepEqual(Object.keys((desired()['spec'] ?? {}) as JsonRecord), ['ports', 'selector']);
});

const clusterIps = [
  ['a new headless Service has none', { headless: true }, undefined, 'None'],
  ['a new ordinary Service is given one', {}, undefined, undefined],
  ['an existing ordinary Service keeps its own', { headless: true }, '10.0.0.1', undefined],
  ['an existing headless Service stays headless', {}, 'None', 'None'],
] as const;

for (const [title, headless, clusterIP, expected] of clusterIps) {
  test(`cluster address: ${title}`, (t) => {
    const live = clusterIP === undefined ? undefined : service({ clusterIP }, { ownerReferences: [owner] });
    t.is(valueAt(desired({ canary: canaryWith(headless), live }), 'spec', 'clusterIP'), expected);
  });
}

test('keys that are declared unmanaged keep their live value, others get the one of the Canary', (t) => {
  const canary = canaryWith({
    apex: { labels: { a: 'new', b: 'new' }, annotations: { c: 'new' } },
    unmanagedMetadata: { labels: ['a', 'foreign'], annotations: ['c', 'absent'] },
  });
  const metadata = { ownerReferences: [owner], labels: { a: 'live', b: 'live', foreign: 'x' }, annotations: {} };
  const { labels, annotations } = desired({ canary, live: service({}, metadata) }).metadata;
  t.deepEqual(labels, { a: 'live', b: 'new', app: 'podinfo' });
  t.deepEqual(annotations, { c: 'new', ...flux });
});

const users = { selector: { app: 'podinfo', tier: 'web' }, ports: [{ name: 'http', port: 80 }] };

test("a user's apex is given no label and no owner; its selector and ports are stored", (t) => {
  const { metadata } = desired({ live: service(users), canary: canaryWith({ apex: { labels: { x: 'y' } } }) });
  const original = JSON.stringify(users);
  t.deepEqual(metadata, {
    name: 'podinfo',
    namespace: 'test',
    annotations: { ...flux, [originalServiceAnnotation]: original },
  });
});

test('what was stored once is kept, whatever the Service is now', (t) => {
  const live = service(
    { selector: { app: 'podinfo-primary' } },
    { annotations: { [originalServiceAnnotation]: 'first' } },
  );
  t.is(desired({ live }).metadata.annotations?.[originalServiceAnnotation], 'first');
});

test('an apex that serves the primary already has nothing worth storing', (t) => {
  const live = service({ ...users, selector: { app: 'podinfo-primary' } });
  t.deepEqual(desired({ live }).metadata.annotations, flux);
});

test('only of the apex the first state is stored', (t) => {
  t.deepEqual(desired({ role: 'canary', live: service(users) }).metadata.annotations, flux);
});

test('the Service of another Canary is refused', (t) => {
  const live = service(users, { ownerReferences: [{ ...owner, uid: 'x', name: 'other' }] });
  t.like(
    t.throws(() => desired({ live })),
    { reason: 'invalid' },
  );
});
