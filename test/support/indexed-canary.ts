import type { IndexedCanary } from '../../worker/reads/canary-index.ts';

/** A Canary as the index of a worker has it: `{target}-canary` in namespace shop. */
export const anIndexedCanary = (target: string, over: Partial<IndexedCanary> = {}): IndexedCanary => ({
  name: `${target}-canary`,
  namespace: 'shop',
  creationTimestamp: '2026-01-01T00:00:00Z',
  uid: '1a2b3c4d-0000',
  phase: 'Succeeded',
  queued: false,
  intervalMs: 60_000,
  weight: 0,
  metrics: [],
  outbox: [],
  spec: { target: { apiVersion: 'apps/v1', kind: 'Deployment', name: target } },
  ...over,
});

/** An index of these Canaries; the arrays may be changed. */
export const anIndex = (canaries: readonly IndexedCanary[], unread: readonly string[] = []) => {
  const known = new Set(canaries.map(({ namespace }) => namespace));
  return {
    all: () => canaries,
    namespaces: () => known,
    synced: () => true,
    isUnread: (namespace: string) => unread.includes(namespace),
  };
};
