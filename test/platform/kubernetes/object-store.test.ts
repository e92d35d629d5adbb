import test from 'ava';
import { type ObjectStore, createObjectStore } from '../../../platform/kubernetes/object-store.ts';
import { anotherAt, at, list, listed, name, told } from './object-store-fixture.ts';

test('what the list has is known, and what it has not is absent', (t) => {
  t.is(told(listed(10, [at(7)]).find(name)), 'at 7');
  t.is(told(listed(10, []).find(name)), 'absent');
});

test('an event that is older than our own write changes nothing', (t) => {
  const store = listed(10, [at(7)]);
  store.wrote(at(12));
  store.sink.changed(at(11));
  t.is(told(store.find(name)), 'at 12');
  store.sink.changed(at(13));
  t.is(told(store.find(name)), 'at 13');
});

test('the end of an earlier object does not take the one that we have created since', (t) => {
  const store = listed(10, [at(7)]);
  store.wrote(at(14));
  store.sink.deleted(at(12));
  t.is(told(store.find(name)), 'at 14');
});

test('a list that was made before our own write takes nothing away', (t) => {
  const store = listed(10, []);
  store.wrote(at(15));
  list(store, 14, []);
  t.is(told(store.find(name)), 'at 15');
  list(store, 16, []);
  t.is(told(store.find(name)), 'absent');
});

test('what somebody has seen is not answered from before', (t) => {
  const store = listed(10, [at(7)]);
  t.is(told(store.find(name, 10)), 'at 7');
  t.is(told(store.find(name, 11)), 'unknown');
  t.is(told(store.find({ ...name, name: 'other' }, 11)), 'unknown');
  store.sink.reached?.('11');
  t.is(told(store.find(name, 11)), 'at 7');
  store.wrote(at(20));
  t.is(told(store.find(name, 20)), 'at 20', 'its own version is new enough');
});

test('after a refused write only something newer is believed, or what the API server is asked for', (t) => {
  const store = listed(10, [at(7)]);
  store.distrust(name);
  store.sink.changed(at(7));
  t.is(told(store.find(name)), 'unknown');
  store.saw(name, at(7), store.mark());
  t.is(told(store.find(name)), 'at 7');
  store.distrust(name);
  store.sink.changed(at(8));
  t.is(told(store.find(name)), 'at 8');
});

test('after a refused write the API server is asked once for what is gone', (t) => {
  const isTold = listed(10, [at(7)]);
  isTold.sink.deleted(at(11));
  const isNot = listed(10, [at(7)]);
  for (const store of [isTold, isNot]) {
    store.distrust(name);
    t.is(told(store.find(name)), 'unknown');
    store.saw(name, undefined, store.mark());
    t.is(told(store.find(name)), 'absent');
  }
  isNot.sink.changed(at(7));
  t.is(told(isNot.find(name)), 'absent', 'a watch that comes after tells what was before');
  isNot.sink.deleted(at(11));
  for (const store of [isTold, isNot]) {
    t.is(told(store.find(name)), 'absent');
    store.sink.changed(at(12));
    t.is(told(store.find(name)), 'at 12', 'there is another one');
  }
});

test('an end that is told after our deletion was answered is waited for', (t) => {
  const store = listed(10, [at(7)]);
  store.ended(name, 7);
  t.is(told(store.find(name)), 'unknown');
  store.sink.deleted(at(11));
  t.is(told(store.find(name)), 'absent');
});

test('an end that was told before our deletion was answered is known', (t) => {
  const events = listed(10, [at(7)]);
  events.sink.deleted(at(11));
  events.ended(name, 7);
  t.is(told(events.find(name)), 'absent');
  const lists = listed(10, [at(7)]);
  list(lists, 12, []);
  lists.ended(name, 7);
  t.is(told(lists.find(name)), 'absent');
});

test('the end of an earlier object is not taken for that of the one that we have deleted', (t) => {
  const store = listed(10, [at(7)]);
  store.sink.deleted(at(11));
  store.ended(name, 12);
  t.is(told(store.find(name)), 'unknown');
  store.sink.changed(at(12));
  t.is(told(store.find(name)), 'unknown');
  store.sink.deleted(at(13));
  t.is(told(store.find(name)), 'absent');
});

test('an answer from before our deletion is not kept, however far the watch has come', (t) => {
  const store = listed(10, [anotherAt(7)], false);
  const mark = store.mark();
  store.sink.reached?.('12');
  store.ended(name, 9);
  store.saw(name, at(9), mark);
  t.is(told(store.find(name)), 'unknown');
});

test('of what had no version that is known, the end is waited for', (t) => {
  for (const version of [0, Number.NaN]) {
    const store = listed(10, []);
    store.ended(name, version);
    t.is(told(store.find(name)), 'unknown');
  }
});

test('an answer that was overtaken by the end of its object is not kept', (t) => {
  const store = listed(10, [at(7)]);
  const mark = store.mark();
  store.sink.deleted(at(11));
  store.saw(name, at(7), mark);
  t.is(told(store.find(name)), 'absent');
});

test('an answer during which another object was lost is kept', (t) => {
  const store = listed(10, []);
  const mark = store.mark();
  store.sink.deleted(anotherAt(11));
  store.distrust({ ...name, name: 'third' });
  store.saw(name, at(7), mark);
  t.is(told(store.find(name)), 'at 7');
});

test('an answer that was overtaken by a list without its object is not kept, though nothing was known of it', (t) => {
  const store = listed(5, []);
  const mark = store.mark();
  list(store, 10, []);
  store.saw(name, at(7), mark);
  t.is(told(store.find(name)), 'absent');
});

test('an answer that was overtaken by a change of an object that is not kept is not kept either', (t) => {
  for (const overtake of [
    (store: ObjectStore) => store.sink.changed(at(11)),
    (store: ObjectStore) => store.sink.beginList().page([at(11)]),
  ]) {
    const store = listed(10, [at(7)], false);
    const mark = store.mark();
    overtake(store);
    store.saw(name, at(7), mark);
    t.is(told(store.find(name)), 'unknown');
  }
});

test('of a namespace that is not kept, only what was read is known', (t) => {
  const store = listed(10, [at(7)], false);
  t.is(told(store.find(name)), 'unknown');
  store.saw(name, at(7), store.mark());
  store.saw({ ...name, name: 'none' }, undefined, store.mark());
  t.is(told(store.find(name)), 'at 7');
  t.is(told(store.find({ ...name, name: 'none' })), 'absent');
  store.sink.changed({ ...at(12), metadata: { ...at(12).metadata, name: 'none' } });
  t.is(told(store.find({ ...name, name: 'none' })), 'at 12');
  t.is(store.size(), 2);
});

test('a version that is no number is never believed', (t) => {
  const store = listed(10, [at(Number.NaN)]);
  t.is(told(store.find(name)), 'unknown');
});

test('of a kind that is kept by its metadata nothing else is held, not even in an annotation', (t) => {
  const store = createObjectStore({ part: 'metadata', isKept: () => true });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"s3cret"}', team: 'a' };
  const secret = { ...at(7, { data: { token: 's3cret' } }) };
  store.sink.changed({ ...secret, metadata: { ...secret.metadata, annotations } });
  const found = store.find(name);
  t.deepEqual(found.kind === 'object' && found.object, {
    ...at(7),
    metadata: { ...at(7).metadata, annotations: { team: 'a' } },
  });
});
