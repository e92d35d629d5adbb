import test from 'ava';
import type { ObjectMeta } from '../../../platform/kubernetes/object.ts';
import { ownershipOf } from '../../../worker/routers/route-ownership.ts';
import { fluxMarkers } from '../../../worker/objects/flux-markers.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary();
const of = (metadata: Partial<ObjectMeta>, namesOurServices = false) => {
  const live = { apiVersion: 'kuma.io/v1alpha1', kind: 'MeshHTTPRoute', metadata: { name: 'podinfo', ...metadata } };
  return ownershipOf(live, canary, namesOurServices);
};
const owner = (fields: object) => ({
  ownerReferences: [
    {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: canary.name,
      uid: canary.uid,
      controller: true,
      ...fields,
    },
  ],
});

test('an object that the Canary controls is ours', (t) => {
  t.deepEqual(of(owner({})), { kind: 'ours' });
});

test('an object of a deleted Canary of the same name is about to go', (t) => {
  t.deepEqual(of(owner({ uid: 'former' })), { kind: 'leaving' });
  t.deepEqual(of({ ...owner({}), deletionTimestamp: '2026-01-02T03:04:05Z' }), { kind: 'leaving' });
});

test('an object of another Canary or another controller is theirs, whatever marks it carries', (t) => {
  t.deepEqual(of(owner({ name: 'shop', uid: 'other' })), { kind: 'foreign', owner: 'Canary shop', isAdoptable: false });
  const marked = { annotations: fluxMarkers };
  const helm = owner({ apiVersion: 'example.com/v1', kind: 'Release', uid: 'other' });
  t.deepEqual(of({ ...helm, ...marked }, true), { kind: 'foreign', owner: 'Release podinfo', isAdoptable: true });
});

test('an object without a controller is ours only with the marks and the Services', (t) => {
  const marked = { annotations: { ...fluxMarkers } };
  t.deepEqual(of(marked, true), { kind: 'ours' });
  t.deepEqual(of(marked, false), { kind: 'foreign', owner: 'nobody', isAdoptable: true });
  t.deepEqual(of({}, true), { kind: 'foreign', owner: 'nobody', isAdoptable: true });
  t.deepEqual(of({ ...marked, ...owner({ controller: false, uid: 'other' }) }, true), { kind: 'ours' });
});
