import test from 'ava';
import type { KubernetesObject, ManagedFields } from '../../../platform/kubernetes/object.ts';
import { itemStep, ownedFields, transferFields } from '../../../worker/objects/managed-fields.ts';
import type { FieldTree } from '../../../worker/objects/managed-fields.ts';

const entry = (manager: string, fieldsV1: FieldTree, more: Partial<ManagedFields> = {}): ManagedFields => ({
  manager,
  operation: manager === 'aviary' ? 'Apply' : 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});

const object = (...managedFields: ManagedFields[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', managedFields },
});

const ports = (...steps: string[]): FieldTree => ({
  'f:spec': { 'f:ports': Object.fromEntries(steps.map((step) => [step, { '.': {}, 'f:port': {} }])) },
});
const p80 = itemStep({ port: 80, protocol: 'TCP' });
const p90 = itemStep({ protocol: 'TCP', port: 90 });

test('the step of a list item names its keys in alphabetical order, as the API server does', (t) => {
  t.is(p90, 'k:{"port":90,"protocol":"TCP"}');
});

test('what we own is what our manager applied, not what it patched or what others wrote', (t) => {
  t.is(
    ownedFields(object(entry('kubectl', ports(p80)), entry('aviary', ports(p80), { operation: 'Update' }))),
    undefined,
  );
  t.deepEqual(ownedFields(object(entry('kubectl', ports(p80)), entry('aviary', ports(p90)))), ports(p90));
});

test('a claim moves the fields of every other manager to ours and leaves their rest', (t) => {
  const before = object(entry('aviary', ports(p80)), entry('kubectl', ports(p80, p90)), entry('helm', ports(p90)));
  t.deepEqual(transferFields(before, { claims: [['f:spec', 'f:ports', p90]] }), [
    entry('aviary', ports(p80, p90)),
    entry('kubectl', ports(p80)),
  ]);
});

test('a claim on an object that we never applied makes an entry of ours', (t) => {
  const after = transferFields(object(entry('kubectl', ports(p80))), { claims: [['f:spec', 'f:ports', p80]] });
  t.deepEqual(after, [entry('aviary', ports(p80))]);
});

test('fields that were written through a subresource or in another version stay where they are', (t) => {
  const status = entry('kube-controller-manager', ports(p80), { subresource: 'status' });
  const old = entry('kubectl', ports(p80), { apiVersion: 'v1beta1' });
  t.is(transferFields(object(status, old), { claims: [['f:spec', 'f:ports', p80]] }), undefined);
});

test('nothing changes hands when nobody else owns it', (t) => {
  const claims = [['f:spec', 'f:ports', p80]];
  t.is(transferFields(object(entry('aviary', ports(p80)), entry('kubectl', ports(p90))), { claims }), undefined);
  t.is(transferFields(object(), { claims }), undefined);
});

test('a release takes our field away, and the steps above that are left empty', (t) => {
  const releases = [['f:spec', 'f:replicas']];
  const both = entry('aviary', { 'f:spec': { 'f:replicas': {}, 'f:selector': {} }, 'f:metadata': { 'f:labels': {} } });
  t.deepEqual(transferFields(object(both), { releases }), [
    entry('aviary', { 'f:spec': { 'f:selector': {} }, 'f:metadata': { 'f:labels': {} } }),
  ]);
  const alone = entry('aviary', { 'f:spec': { 'f:replicas': {} }, 'f:metadata': { 'f:labels': {} } });
  t.deepEqual(transferFields(object(alone), { releases }), [entry('aviary', { 'f:metadata': { 'f:labels': {} } })]);
});

test('a release leaves the same field of others alone', (t) => {
  const hpa = entry('kube-controller-manager', { 'f:spec': { 'f:replicas': {} } });
  t.is(transferFields(object(hpa), { releases: [['f:spec', 'f:replicas']] }), undefined);
});
