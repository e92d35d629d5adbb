import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { isApplied } from '../../../worker/objects/is-applied.ts';
import type { FieldTree } from '../../../worker/objects/managed-fields.ts';

const object = (spec: JsonRecord, owned?: FieldTree): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'podinfo',
    ...(owned === undefined
      ? {}
      : { managedFields: [{ manager: 'aviary', operation: 'Apply', fieldsV1: { 'f:spec': owned } }] }),
  },
  spec,
});

const env = (...names: string[]): { name: string; value: string }[] => names.map((name) => ({ name, value: name }));
const ownedEnv = (...names: string[]): FieldTree => ({
  'f:env': Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, 'f:value': {} }])),
});

interface Row {
  readonly live: JsonRecord;
  readonly desired: JsonRecord;
  /** Absent: our manager never applied the object. */
  readonly owned?: FieldTree;
  readonly applied: boolean;
}

const rows: Record<string, Row> = {
  'equal fields that we own are no difference': {
    live: { type: 'ClusterIP' },
    desired: { type: 'ClusterIP' },
    owned: { 'f:type': {} },
    applied: true,
  },
  'another value is a difference': {
    live: { type: 'NodePort' },
    desired: { type: 'ClusterIP' },
    owned: { 'f:type': {} },
    applied: false,
  },
  'defaults that the API server filled in are no difference': {
    live: { port: 80, sessionAffinity: 'None' },
    desired: { port: 80 },
    owned: { 'f:port': {} },
    applied: true,
  },
  'a field that we own and no longer want is a difference': {
    live: { port: 80, nodePort: 30000 },
    desired: { port: 80 },
    owned: { 'f:port': {}, 'f:nodePort': {} },
    applied: false,
  },
  'an object that we never applied is a difference, even with the wanted values': {
    live: { port: 80 },
    desired: { port: 80 },
    applied: false,
  },
  'a wanted value that somebody else set is no difference': {
    live: { port: 80, type: 'ClusterIP' },
    desired: { port: 80, type: 'ClusterIP' },
    owned: { 'f:port': {} },
    applied: true,
  },
  'a key that was added to a map that is owned as a whole is a difference': {
    live: { selector: { app: 'podinfo', version: 'v2' } },
    desired: { selector: { app: 'podinfo' } },
    owned: { 'f:selector': {} },
    applied: false,
  },
  'a key that was added to a map that somebody else has taken over is a difference': {
    live: { port: 80, selector: { app: 'podinfo', version: 'v2' } },
    desired: { port: 80, selector: { app: 'podinfo' } },
    owned: { 'f:port': {} },
    applied: false,
  },
  'a foreign key in a map that is owned by key is no difference': {
    live: { labels: { app: 'podinfo', mine: 'yes' } },
    desired: { labels: { app: 'podinfo' } },
    owned: { 'f:labels': { 'f:app': {} } },
    applied: true,
  },
  'a foreign item in a keyed list is no difference': {
    live: { env: env('A', 'X', 'B') },
    desired: { env: env('A', 'B') },
    owned: ownedEnv('A', 'B'),
    applied: true,
  },
  'our items in another order are a difference': {
    live: { env: env('B', 'A') },
    desired: { env: env('A', 'B') },
    owned: ownedEnv('A', 'B'),
    applied: false,
  },
  'an item of ours that is no longer wanted is a difference': {
    live: { env: env('A', 'B') },
    desired: { env: env('A') },
    owned: ownedEnv('A', 'B'),
    applied: false,
  },
  'an item that is missing is a difference': {
    live: { env: env('A') },
    desired: { env: env('A', 'B') },
    owned: ownedEnv('A'),
    applied: false,
  },
  'an item with another value is a difference': {
    live: { env: [{ name: 'A', value: 'changed' }] },
    desired: { env: env('A') },
    owned: ownedEnv('A'),
    applied: false,
  },
  'a longer list that is owned as a whole is a difference': {
    live: { args: ['a', 'b'] },
    desired: { args: ['a'] },
    owned: { 'f:args': {} },
    applied: false,
  },
  'defaults inside a list that is owned as a whole are no difference': {
    live: { refs: [{ name: 'a', weight: 1 }] },
    desired: { refs: [{ name: 'a' }] },
    owned: { 'f:refs': {} },
    applied: true,
  },
};

for (const [title, { live, desired, owned, applied }] of Object.entries(rows)) {
  test(title, (t) => {
    t.is(isApplied(object(live, owned), object(desired)), applied);
  });
}
