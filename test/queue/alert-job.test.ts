import test from 'ava';
import { alertJobId, deliveryId, laneOf } from '../../queue/alert-job.ts';

const canary = { namespace: 'shop', name: 'podinfo.v2', uid: '1a2b3c4d-0000' };
const alert = { id: '0123456789abcdef0123', severity: 'info', message: 'hello', withMetadata: false } as const;

test('the lane of an alert is that of its canary and its receiver, whichever alert it is', (t) => {
  const delivery = deliveryId(alert.id, '5e6f7a8b');
  const data = { ns: canary.namespace, name: canary.name, uid: canary.uid, alert, delivery };
  t.deepEqual(laneOf(data), { ...canary, receiver: '5e6f7a8b' });
  t.is(alertJobId(laneOf(data), delivery), `a.shop.podinfo.v2.1a2b3c4d.${alert.id}.5e6f7a8b`);
});
