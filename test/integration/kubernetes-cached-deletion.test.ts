/** Deletions through watches on a real API server, whose watch tells the end before the deletion is answered. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { createCachedClient } from '../../platform/kubernetes/cached-client.ts';
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

for (const by of ['version', 'uid'] as const) {
  test(`an end that the watch tells before our deletion by ${by} is answered is known without a request`, async (t) => {
    const name = { namespace: await cluster.namespace(`ended-by-${by}`), name: 'cart' };
    const isGone = async (): Promise<true | undefined> => {
      const found = await cached.get(services, name).catch(() => undefined);
      return found === undefined ? true : undefined;
    };
    let reads = 0;
    const client: KubernetesClient = {
      ...cluster.client,
      get: (...read) => {
        reads += 1;
        return cluster.client.get(...read);
      },
      delete: async (...deletion) => {
        await cluster.client.delete(...deletion);
        await waitFor({ what: 'the end to be told', seconds: 40, look: isGone });
      },
    };
    const kinds = [{ resource: services, part: 'whole' }] as const;
    const isKept = () => true;
    const cached = createCachedClient({ client, kinds, namespaces: [], isKept, clock, random: Math.random, log });
    t.teardown(() => cached.stopWatches());
    const spec = { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] };
    await cached.create(services, { apiVersion: 'v1', kind: 'Service', metadata: name, spec });
    const { uid, resourceVersion } = (await cached.get(services, name)).metadata;
    await cached.delete(services, name, by === 'uid' ? { uid } : { uid, resourceVersion });
    reads = 0;
    await t.throwsAsync(cached.get(services, name), { message: /not found/ });
    t.is(reads, 0);
  });
}
