/** What a worker keeps of canaries that have nothing to do: decision record 0029 says where the bytes are. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { createCachedClient } from '../../platform/kubernetes/cached-client.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries, configMaps, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { createCanaryIndex } from '../../worker/reads/canary-index.ts';
import type { CanaryIndex } from '../../worker/reads/canary-index.ts';
import { createRests } from '../../worker/step/rests.ts';
import { aCanary } from '../support/a-canary.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { settledObjects } from '../support/settled-objects.ts';

const count = 500;
const pageSize = 50;
const clock = createFakeClock();

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** Has read its first lists, and hears nothing more. */
const cluster: Pick<KubernetesClient, 'listPages' | 'watch'> = {
  async *listPages(resource) {
    for (let from = 0; from < count; from += pageSize) {
      const items = Array.from({ length: pageSize }, (_, at) => objectsOf(from + at, resource)).flat();
      yield { items, resourceVersion: '900000' };
    }
  },
  async *watch(_resource, { signal, onOpen }) {
    onOpen?.();
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    yield* [];
  },
};

const objectsOf = (index: number, wanted: Resource) =>
  settledObjects(index).flatMap(({ resource, object }) => (resource === wanted ? [object] : []));

function openCaches() {
  const client = createCachedClient({
    client: cluster as KubernetesClient,
    kinds: [
      ...[canaries, deployments, services, meshHttpRoutes].map((resource) => ({ resource, part: 'whole' as const })),
      { resource: configMaps, part: 'metadata' },
    ],
    namespaces: [],
    isKept: (namespace) => index.isHome(namespace),
    clock,
    random: () => 0,
    log,
  });
  const openLoop = (namespace: string | undefined, sink: Parameters<typeof client.shareWatch>[2]) =>
    client.shareWatch(canaries, namespace, sink);
  const index: CanaryIndex = createCanaryIndex({ namespaces: [], defaultProvider: 'kuma', openLoop, log });
  const leases = { left: async () => undefined };
  return { client, index, rests: createRests({ leases, ratio: async () => 1, claims: () => [], clock }) };
}

type Caches = ReturnType<typeof openCaches>;

/** Reads what a step of a settled canary does, and remembers that. */
async function takeStep({ client, rests }: Caches, at: number): Promise<void> {
  const { signal } = new AbortController();
  const witness = rests.witness(signal);
  const objects = settledObjects(at);
  for (const { resource, object } of objects) {
    await client.get(resource, object.metadata, { signal, metadataOnly: resource === configMaps });
  }
  const { namespace = '', name = '', uid = '' } = objects[0]?.object.metadata ?? {};
  const canary = aCanary({ namespace, name, status: { phase: 'Initialized' } });
  const rest = { canary, status: canary.status, announcements: [], outcome: 'settled', ratio: 1 } as const;
  witness.conclude({ namespace, name, uid }, { ...rest, rhythm: { uid, intervalMs: 10_000 } });
}

/** Bytes. Measured: 6,400, of packed text, keys and versions, the entry of the index and the noted reads; 18,500 unpacked. */
const mostPerCanary = 9_000;

// Serial: the others would make and leave objects while this one counts.
test.serial('a worker keeps a few kilobytes of a canary at rest, all that it reads of it included', async (t) => {
  // What is compiled or made once counts for nobody.
  await settleAll(openCaches());
  const before = heapInUse();
  const caches = openCaches();
  await settleAll(caches);
  const perCanary = (heapInUse() - before) / count;
  const kept = caches.client.watches().reduce((sum, { objects }) => sum + objects, 0);
  t.is(kept, count * settledObjects(0).length, 'everything is in a cache');
  t.true(perCanary < mostPerCanary, `expected less than ${mostPerCanary} bytes per canary, got ${perCanary}`);
  t.log(`${Math.round(perCanary)} bytes per canary`);
});

async function settleAll(caches: Caches): Promise<void> {
  caches.index.start();
  await caches.index.whenSynced(AbortSignal.timeout(60_000));
  for (let at = 0; at < count; at += 1) await takeStep(caches, at);
}
