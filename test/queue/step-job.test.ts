import test from 'ava';
import * as fc from 'fast-check';
import { finalizeJobId, keyText, parseStepJobId, stepJobData, stepJobId, wakeJobId } from '../../queue/step-job.ts';

const canary = { namespace: 'shop', name: 'podinfo', uid: '1a2b3c4d-0000-4000-8000-000000000000' };

test('the id of a slot names namespace, canary, short uid and slot', (t) => {
  t.is(stepJobId(canary, 29_384_756), 's.shop.podinfo.1a2b3c4d.29384756');
});

test('the id of a wake names its cause', (t) => {
  t.is(wakeJobId(canary, 'canary-7'), 'w.shop.podinfo.1a2b3c4d.canary-7');
});

test('the id of a deletion names its slot, or its cause where it is to be looked at once', (t) => {
  t.is(finalizeJobId(canary, 29_384_756), 'f.shop.podinfo.1a2b3c4d.29384756');
  t.is(finalizeJobId(canary, 'canary-8'), 'f.shop.podinfo.1a2b3c4d.canary-8');
  const key = { namespace: 'shop', name: 'podinfo', uid: '1a2b3c4d' };
  t.deepEqual(parseStepJobId(finalizeJobId(canary, 5)), { name: 'finalize', canary: key, slot: 5 });
  t.deepEqual(parseStepJobId(finalizeJobId(canary, 'canary-8')), { name: 'finalize', canary: key });
});

test('no id holds a colon or is a number, which BullMQ refuses', (t) => {
  for (const id of [stepJobId(canary, 1), wakeJobId(canary, 'canary-1')]) {
    t.false(id.includes(':'));
    t.true(Number.isNaN(Number(id)));
  }
});

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const subdomain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));

test('an id can be taken apart again whatever dots the name has', (t) => {
  fc.assert(
    fc.property(fc.record({ namespace: label, name: subdomain, uid: fc.uuid() }), fc.nat(), (key, slot) => {
      const { namespace, name, uid } = key;
      t.deepEqual(parseStepJobId(stepJobId(key, slot)), {
        name: 'step',
        canary: { namespace, name, uid: uid.slice(0, 8) },
        slot,
      });
      t.like(parseStepJobId(wakeJobId(key, 'canary-3')), { name: 'wake', canary: { namespace, name } });
    }),
  );
});

test('two canaries of one name at different times have different keys', (t) => {
  t.not(keyText(canary), keyText({ ...canary, uid: '5e6f7a8b-0000-4000-8000-000000000000' }));
});

for (const id of ['', '17', 's.shop.podinfo', 's.shop.podinfo.1a2b3c4d.soon', 'x.shop.podinfo.1a2b3c4d.5']) {
  test(`'${id}' is refused as an id that the scheduler did not make`, (t) => {
    t.throws(() => parseStepJobId(id), { message: new RegExp(`expected .* got '${id}'`) });
  });
}

test('the data of a wake says what woke, that of a slot does not', (t) => {
  t.deepEqual(stepJobData(canary, 'deployments.apps=8'), { ns: 'shop', name: 'podinfo', seen: 'deployments.apps=8' });
  t.deepEqual(stepJobData(canary), { ns: 'shop', name: 'podinfo' });
});

test('the data of a job with usual names stays under 64 bytes', (t) => {
  const usual = { ...canary, namespace: 'team-checkout-staging', name: 'payments' };
  t.true(Buffer.byteLength(JSON.stringify(stepJobData(usual))) < 64);
});
