/** What is gone, through watches on a real API server, whose watch tells an end before whoever asked for it is answered. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { type CachedClient, createCachedClient } from '../../platform/kubernetes/cached-client.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { type CanaryCluster, startCanaryCluster } from '../support/canary-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

/** A Service that is read from a watch, which tells its end before our deletion is answered, and the requests of its reads. */
async function aCachedService(t: ExecutionContext, namespace: string) {
  const name = { namespace: await cluster.namespace(namespace), name: 'cart' };
  let requests = 0;
  const client: KubernetesClient = {
    ...cluster.client,
    get: (...read) => {
      requests += 1;
      return cluster.client.get(...read);
    },
    delete: async (...deletion) => {
      await cluster.client.delete(...deletion);
      await whenGone(cached, name);
    },
  };
  const kinds = [{ resource: services, part: 'whole' }] as const;
  const isKept = () => true;
  const cached = createCachedClient({ client, kinds, namespaces: [], isKept, clock, random: Math.random, log });
  t.teardown(() => cached.stopWatches());
  const spec = { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] };
  await cached.create(services, { apiVersion: 'v1', kind: 'Service', metadata: name, spec });
  return { name, cached, requests: () => requests };
}

type Named = Parameters<CachedClient['get']>[1];

const whenGone = (cached: CachedClient, name: Named): Promise<true> =>
  waitFor({
    what: 'the end to be told',
    seconds: 40,
    look: async () => ((await cached.get(services, name).catch(() => undefined)) === undefined ? true : undefined),
  });

for (const by of ['version', 'uid'] as const) {
  test(`an end that the watch tells before our deletion by ${by} is answered is known without a request`, async (t) => {
    const { name, cached, requests } = await aCachedService(t, `ended-by-${by}`);
    const { uid, resourceVersion } = (await cached.get(services, name)).metadata;
    await cached.delete(services, name, by === 'uid' ? { uid } : { uid, resourceVersion });
    const before = requests();
    await t.throwsAsync(cached.get(services, name), { message: /not found/ });
    t.is(requests(), before);
  });
}

test('a patch that is refused because its object is gone has the API server asked once, not at each read', async (t) => {
  const { name, cached, requests } = await aCachedService(t, 'refused');
  await cached.get(services, name);
  await cluster.client.delete(services, name);
  await whenGone(cached, name);
  const patch = { metadata: { labels: { team: 'shop' } } };
  await t.throwsAsync(cached.mergePatch(services, name, { patch }), { message: /not found/ });
  const before = requests();
  for (const _ of [1, 2, 3]) await t.throwsAsync(cached.get(services, name), { message: /not found/ });
  t.is(requests(), before + 1);
});
