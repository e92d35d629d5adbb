import test from 'ava';
import fc from 'fast-check';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import { nameOf } from '../../../platform/kubernetes/object.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { createObjectStore } from '../../../platform/kubernetes/object-store.ts';
import { createWitnessedClient } from '../../../platform/kubernetes/witnessed-client.ts';
import { noteRead, witnessReads } from '../../../platform/kubernetes/read-witness.ts';
import type { ReadSource, SeenRead } from '../../../platform/kubernetes/read-witness.ts';
import { services } from '../../../platform/kubernetes/resources.ts';

const name = { namespace: 'shop', name: 'cart' };
const signal = () => new AbortController().signal;

const source = (): ReadSource => ({ isStill: () => true });
const seen = (over: Partial<SeenRead> = {}): SeenRead => ({ source: source(), key: 'shop/cart', version: 7, ...over });

test('what was noted under its own signal is handed out, and nothing of others', (t) => {
  const [mine, other] = [signal(), signal()];
  const reads = witnessReads(mine);
  noteRead(other, seen());
  noteRead(undefined, seen());
  t.is(reads(), undefined, 'nothing was read');
  const read = seen();
  noteRead(mine, read);
  t.deepEqual(reads(), [read]);
});

test('an object that is read again is noted once, and one that has changed meanwhile spoils what was read', (t) => {
  const mine = signal();
  const reads = witnessReads(mine);
  const [deployments, configs] = [source(), source()];
  const first = seen({ source: deployments });
  noteRead(mine, first);
  noteRead(mine, seen({ source: deployments }));
  t.deepEqual(reads(), [first]);
  noteRead(mine, seen({ source: deployments, key: 'shop/cart-primary' }));
  noteRead(mine, seen({ source: configs, version: 8 }));
  t.is(reads()?.length, 3, 'another object, and another kind');
  noteRead(mine, seen({ source: deployments, version: 8 }));
  t.is(reads(), undefined);
});

/** A client that answers nothing: here only counts that it is asked. */
const deaf = (): KubernetesClient =>
  new Proxy({} as KubernetesClient, { get: () => () => Promise.resolve({ metadata: name, items: [] }) });

test('whatever is asked of the API server itself spoils what was read', async (t) => {
  const client = createWitnessedClient(deaf());
  const object = { apiVersion: 'v1', kind: 'Service', metadata: name };
  const requests: Readonly<Record<string, (how: { signal: AbortSignal }) => unknown>> = {
    get: (how) => client.get(services, name, how),
    list: (how) => client.list(services, how),
    listPages: (how) => client.listPages(services, how),
    create: (how) => client.create(services, object, how),
    apply: (how) => client.apply(services, object, how),
    mergePatch: (how) => client.mergePatch(services, name, { patch: {}, ...how }),
    jsonPatch: (how) => client.jsonPatch(services, name, { operations: [], ...how }),
    replaceStatus: (how) => client.replaceStatus(services, object, how),
    patchStatus: (how) => client.patchStatus(services, name, { patch: {}, ...how }),
    delete: (how) => client.delete(services, name, how),
    watch: (how) => client.watch(services, { resourceVersion: '1', ...how }),
    getPath: (how) => client.getPath('/version', how),
  };
  const all = Object.keys(client).filter((method) => method !== 'close');
  t.deepEqual(Object.keys(requests).toSorted(), all.toSorted());
  for (const [method, send] of Object.entries(requests)) {
    const under = signal();
    const reads = witnessReads(under);
    noteRead(under, seen());
    await send({ signal: under });
    t.is(reads(), undefined, method);
  }
});

const at = (version: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...name, resourceVersion: String(version) },
});

/** What may become of one object, as a watch, a read and our own writes tell of it. */
const events = fc.array(
  fc.constantFrom('changed', 'deleted', 'late', 'wrote', 'saw', 'gone', 'distrust', 'relisted', 'emptied'),
  { maxLength: 30 },
);

test('an object of which the same version is told is the same object, and one that cannot be told equals none', (t) => {
  const property = fc.property(events, fc.nat(40), (plan, notBefore) => {
    const store = createObjectStore({ part: 'whole', isKept: () => true });
    let version = 0;
    const list = (items: readonly KubernetesObject[]): void => {
      const pass = store.sink.beginList();
      pass.page([...items]);
      pass.complete(String(version));
    };
    const deeds: Readonly<Record<string, () => void>> = {
      changed: () => store.sink.changed(at(version)),
      deleted: () => store.sink.deleted(at(version)),
      late: () => store.sink.changed(at(Math.max(1, version - 3))),
      wrote: () => store.wrote(at(version)),
      saw: () => store.saw(name, at(version), store.mark()),
      gone: () => store.saw(name, undefined, store.mark()),
      distrust: () => store.distrust(name),
      relisted: () => list([at(version)]),
      emptied: () => list([]),
    };
    const told = new Map<number, string>();
    for (const event of plan) {
      version += 1;
      deeds[event]?.();
      const [found, number] = [store.find(name, notBefore), store.versionAt(nameOf(name), notBefore)];
      if (Number.isNaN(number) !== (found.kind === 'unknown')) return false;
      const text = JSON.stringify(found);
      if ((told.get(number) ?? text) !== text) return false;
      if (!Number.isNaN(number)) told.set(number, text);
    }
    return true;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 5_000 }));
});
