import test from 'ava';
import type { KubernetesObject, ObjectMeta } from '../../../platform/kubernetes/object.ts';
import { controllerReference, isControlledBy, refuseOthers } from '../../../worker/objects/owner.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary();
const mine = controllerReference(canary);

const service = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', ...metadata },
});

test('a Canary controls what names its uid, not what names its name', (t) => {
  t.true(isControlledBy(service({ ownerReferences: [mine] }), canary));
  t.false(isControlledBy(service({ ownerReferences: [{ ...mine, uid: 'another' }] }), canary));
  t.false(isControlledBy(service({ ownerReferences: [{ ...mine, controller: false }] }), canary));
  t.false(isControlledBy(service({}), canary));
});

const accepted: Record<string, Partial<ObjectMeta>> = {
  'an object without a controller': {},
  'an object of the Canary': { ownerReferences: [mine] },
  'an object that an operator of another kind controls': { ownerReferences: [{ ...mine, kind: 'App', uid: 'x' }] },
};

for (const [title, metadata] of Object.entries(accepted)) {
  test(`${title} is not refused`, (t) => {
    t.notThrows(() => refuseOthers(service(metadata), canary));
  });
}

test('an object of another Canary is refused with the way out', (t) => {
  const other = { ...mine, name: 'other', uid: 'x' };
  t.like(
    t.throws(() => refuseOthers(service({ ownerReferences: [other] }), canary)),
    {
      reason: 'invalid',
      message:
        'Service test/podinfo: expected no controller or Canary podinfo, got Canary other; ' +
        'rename the target or the service of one of the two',
    },
  );
});

test('what a deleted Canary of the same name left, and what is being deleted, is waited for', (t) => {
  const left = service({ ownerReferences: [{ ...mine, uid: 'x' }] });
  t.like(
    t.throws(() => refuseOthers(left, canary)),
    {
      reason: 'unavailable',
      message: 'Service test/podinfo belongs to a deleted Canary podinfo (uid x): waiting until it is gone',
    },
  );
  const going = service({ deletionTimestamp: '2026-01-02T03:04:05Z', ownerReferences: [mine] });
  t.like(
    t.throws(() => refuseOthers(going, canary)),
    {
      reason: 'unavailable',
      message: 'Service test/podinfo is being deleted: waiting until it is gone',
    },
  );
});
