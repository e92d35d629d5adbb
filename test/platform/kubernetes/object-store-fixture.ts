/** One object, `shop/cart`, and stores that know of it. */
import { type Found, type ObjectStore, createObjectStore } from '../../../platform/kubernetes/object-store.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';

export const name = { namespace: 'shop', name: 'cart' };

export const at = (version: number, fields: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...name, uid: 'a', resourceVersion: String(version) },
  ...fields,
});

export const anotherAt = (version: number): KubernetesObject => {
  const object = at(version);
  return { ...object, metadata: { ...object.metadata, name: 'another', uid: 'b' } };
};

/** A store that has read a list. */
export function listed(version: number, items: readonly KubernetesObject[], isKept = true): ObjectStore {
  const store = createObjectStore({ part: 'whole', isKept: () => isKept });
  list(store, version, items);
  return store;
}

export function list(store: ObjectStore, version: number, items: readonly KubernetesObject[]): void {
  const pass = store.sink.beginList();
  pass.page(items);
  pass.complete(String(version));
}

export const told = (found: Found): string =>
  found.kind === 'object' ? `at ${found.object.metadata.resourceVersion}` : found.kind;
