import test from 'ava';
import fc from 'fast-check';
import { createObjectStore } from '../../platform/kubernetes-object-store.ts';
import type { Found, ObjectStore, ReadMark } from '../../platform/kubernetes-object-store.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';

const name = { namespace: 'shop', name: 'cart' };

const at = (version: number, fields: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...name, uid: 'a', resourceVersion: String(version) },
  ...fields,
});

/** A store that has read a list. */
function listed(version: number, items: readonly KubernetesObject[], isKept = true): ObjectStore {
  const store = createObjectStore({ part: 'whole', isKept: () => isKept });
  list(store, version, items);
  return store;
}

function list(store: ObjectStore, version: number, items: readonly KubernetesObject[]): void {
  const pass = store.sink.beginList();
  pass.page(items);
  pass.complete(String(version));
}

const told = (found: Found): string =>
  found.kind === 'object' ? `at ${found.object.metadata.resourceVersion}` : found.kind;

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

test('an answer that was overtaken by the end of its object is not kept', (t) => {
  const store = listed(10, [at(7)]);
  const mark = store.mark();
  store.sink.deleted(at(11));
  store.saw(name, at(7), mark);
  t.is(told(store.find(name)), 'absent');
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

/** Ten steps of three parties: the cluster and others in it, ourselves, and a watch that comes after. */
const steps = fc.array(
  fc.constantFrom('others write', 'others delete', 'we write', 'we delete', 'watch', 'relist', 'ask', 'answer', 'look'),
  { maxLength: 40 },
);

type History = readonly (number | undefined)[];

/** Versions of one object by the cluster's version: undefined where it does not exist. */
class World {
  readonly history: (number | undefined)[] = [undefined];
  get version(): number {
    return this.history.length - 1;
  }
  write(): number {
    this.history.push(this.version + 1);
    return this.version;
  }
  delete(): void {
    this.history.push(undefined);
  }
  now(): number | undefined {
    return this.history.at(-1);
  }
}

test('what is known never goes back behind what we have written, read or been told', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(steps, (plan) => {
        const world = new World();
        const store = listed(0, []);
        let watched = 0;
        let floor = 0;
        let asked: { readonly mark: ReadMark; readonly answer: number | undefined } | undefined;
        const deeds: Record<string, () => void> = {
          'others write': () => world.write(),
          'others delete': () => world.now() !== undefined && world.delete(),
          'we write': () => {
            floor = world.write();
            store.wrote(at(floor));
          },
          // Under the version that we know: the API server refuses to delete another.
          'we delete': () => {
            const found = store.find(name);
            if (found.kind !== 'object') return;
            const { resourceVersion } = found.object.metadata;
            if (Number(resourceVersion) === world.now()) {
              world.delete();
              floor = world.version;
            }
            store.distrust(name, resourceVersion);
          },
          watch: () => {
            if (watched === world.version) return;
            watched += 1;
            const [before, now] = [world.history[watched - 1], world.history[watched]];
            if (now !== undefined) store.sink.changed(at(now));
            else if (before !== undefined) store.sink.deleted(at(watched));
          },
          relist: () => {
            watched = world.version;
            const now = world.now();
            list(store, watched, now === undefined ? [] : [at(now)]);
          },
          ask: () => {
            asked = { mark: store.mark(), answer: world.now() };
          },
          answer: () => {
            if (asked === undefined) return;
            store.saw(name, asked.answer === undefined ? undefined : at(asked.answer), asked.mark);
            asked = undefined;
          },
          look: () => {
            floor = Math.max(floor, lookedAt(world.history, store.find(name), floor));
          },
        };
        for (const step of [...plan, 'look']) deeds[step]?.();
      }),
      { numRuns: 20_000 },
    ),
  );
});

/** The version that was told. @throws Error when it lies before what was known */
function lookedAt(history: History, found: Found, floor: number): number {
  if (found.kind === 'unknown') return floor;
  if (found.kind === 'absent') {
    if (history.slice(floor).includes(undefined)) return floor;
    throw new Error(`absent, but it has existed since ${floor}: ${JSON.stringify(history)}`);
  }
  const version = Number(found.object.metadata.resourceVersion);
  if (version >= floor) return version;
  // It may still be the newest there was at that time.
  if (history.slice(version, floor + 1).every((one) => one === version)) return floor;
  throw new Error(`at ${version}, but ${floor} was known: ${JSON.stringify(history)}`);
}
