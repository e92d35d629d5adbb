import test from 'ava';
import { movedBetween } from '../../bench/world/at-rest.ts';
import { canaryAt, configMapsAt, deploymentAt } from '../../bench/world/objects.ts';
import { appliedPart, stamped, traitsOf } from '../../bench/world/stamp.ts';
import type { Traits } from '../../bench/world/stamp.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

const wantedOf = (namespace: string, name: string, uid: string) => {
  const place = { namespace, name };
  const canary = canaryAt(place, {});
  return {
    canary: { ...canary, metadata: { ...canary.metadata, uid } },
    target: deploymentAt(place),
    configs: configMapsAt(place),
  };
};

const first = traitsOf(wantedOf('shop', 'cart', '11111111-aaaa'));
const second = traitsOf(wantedOf('bank', 'loan', '22222222-bbbb'));

test('two canaries have no trait in common', (t) => {
  t.deepEqual(Object.keys(first), ['name', 'namespace', 'uid', 'template', 'flaggerId', 'config 0', 'config 1']);
  for (const [trait, text] of Object.entries(first)) t.not(second[trait], text, trait);
});

test('what was left for one canary becomes what would have been left for another', (t) => {
  const left = (traits: Traits): unknown => ({
    metadata: { name: `${traits['name']}-primary`, namespace: traits['namespace'] },
    owned: { [`k:{"uid":"${traits['uid']}"}`]: {} },
    status: { lastAppliedSpec: traits['template'], [`configmap/${traits['name']}-flags`]: traits['config 1'] },
    annotations: { 'flagger-id': traits['flaggerId'] },
  });
  t.deepEqual(stamped(left(first), first, second), left(second));
});

test('texts are exchanged all at once: what was put in is not exchanged again', (t) => {
  t.deepEqual(stamped(['a-x', 'b-y'], { one: 'x', two: 'y' }, { one: 'y', two: 'x' }), ['a-y', 'b-x']);
});

test('a text that is part of another one is refused', (t) => {
  t.throws(() => stamped({}, { name: 'shop', namespace: 'shop-of-cart' }, {}), {
    message: /no part of each other, got name 'shop' within another/,
  });
});

const owned = (fieldsV1: Readonly<Record<string, unknown>>, over: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'cart',
    namespace: 'shop',
    uid: 'made by the server',
    labels: { app: 'cart', other: 'mine' },
    managedFields: [{ manager: 'aviary', operation: 'Apply', fieldsV1, ...over }],
  },
  spec: { ports: [{ port: 80, name: 'web', nodePort: 1 }, { port: 81 }], selector: { app: 'cart' }, type: 'ClusterIP' },
});

test('of an object the part is taken that was applied: fields, items by key, and whole values', (t) => {
  const object = owned({
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': {
      'f:ports': { 'k:{"port":80}': { '.': {}, 'f:port': {}, 'f:name': {} } },
      'f:selector': {},
    },
  });
  t.deepEqual(appliedPart(object), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart' } },
    spec: { ports: [{ port: 80, name: 'web' }], selector: { app: 'cart' } },
  });
});

test('an object that others have written, or only its status, has no such part', (t) => {
  t.is(appliedPart(owned({ 'f:spec': {} }, { manager: 'helm' })), undefined);
  t.is(appliedPart(owned({ 'f:spec': {} }, { operation: 'Update' })), undefined);
  t.is(appliedPart(owned({ 'f:status': {} }, { subresource: 'status' })), undefined);
});

test('what moved is what is new, gone, or another version', (t) => {
  const before = new Map([
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ]);
  t.deepEqual(
    movedBetween(
      before,
      new Map([
        ['a', '1'],
        ['b', '4'],
        ['d', '5'],
      ]),
    ),
    ['b', 'c', 'd'],
  );
  t.deepEqual(movedBetween(before, new Map(before)), []);
});
