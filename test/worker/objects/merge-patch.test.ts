import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject, ManagedFields } from '../../../platform/kubernetes/object.ts';
import { isEmptyPatch, leavingMetadata, mergePatchTo } from '../../../worker/objects/merge-patch.ts';

/** RFC 7386, as the API server applies it. */
function patched(value: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: JsonRecord = typeof value === 'object' && value !== null ? { ...(value as JsonRecord) } : {};
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) delete result[key];
    else result[key] = patched(result[key], inner);
  }
  return result;
}

const pairs: Record<string, readonly [JsonRecord, JsonRecord]> = {
  'a field that is new': [{}, { a: 1 }],
  'a field that went': [{ a: 1, b: 2 }, { b: 2 }],
  'a field within a field': [{ a: { b: 1, c: 2 } }, { a: { b: 1, d: 3 } }],
  'a list, as a whole': [{ a: [1, 2] }, { a: [2] }],
  'an object that becomes a list': [{ a: { b: 1 } }, { a: [1] }],
  'a text that becomes an object': [{ a: 'x' }, { a: { b: { c: 1 } } }],
};

for (const [title, [from, to]] of Object.entries(pairs)) {
  test(`the patch makes one value of another: ${title}`, (t) => {
    t.deepEqual(patched(from, mergePatchTo(from, to)), to);
  });
}

test('between equal values there is nothing to patch', (t) => {
  const patch = mergePatchTo({ a: { b: [1] } }, { a: { b: [1] } });
  t.deepEqual(patch, {});
  t.true(isEmptyPatch({ spec: patch, metadata: { labels: {} } }));
  t.false(isEmptyPatch({ spec: {}, metadata: { labels: { a: null } } }));
});

const entry = (manager: string, operation: 'Apply' | 'Update', fields: JsonRecord): ManagedFields => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:metadata': fields },
});

const ours = entry('aviary', 'Apply', {
  'f:labels': { 'f:added': {}, 'f:shared': {} },
  'f:annotations': { 'f:aviary.dev/note': {}, 'f:kustomize.toolkit.fluxcd.io/reconcile': {} },
});
const users = entry('kubectl', 'Update', { 'f:labels': { '.': {}, 'f:shared': {}, 'f:mine': {} } });

const object = (managedFields: ManagedFields[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'podinfo',
    labels: { added: 'x', shared: 'x', mine: 'x' },
    annotations: {
      'aviary.dev/note': '{}',
      'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
      mine: 'x',
      theirs: 'x',
    },
    managedFields,
  },
});

test('an object is left without what only we applied, without the marks for Flux, and with nothing in our name', (t) => {
  t.deepEqual(leavingMetadata(object([ours, users])), {
    labels: { added: null },
    annotations: { 'aviary.dev/note': null, 'kustomize.toolkit.fluxcd.io/reconcile': null },
    managedFields: [users],
  });
});

test('marks and notes that the reference wrote go too', (t) => {
  t.deepEqual(leavingMetadata(object([users]), ['theirs', 'absent']), {
    labels: {},
    annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': null, theirs: null },
  });
});
