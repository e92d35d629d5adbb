import test from 'ava';
import type { KubernetesClient } from '../../platform/kubernetes-client.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import { silentLogger as log } from '../../platform/logger.ts';
import { canaryLoops, createCanaryIndex } from '../../worker/canary-index.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** Has these objects, and hears nothing more. */
const clusterOf = (...items: KubernetesObject[]): Pick<KubernetesClient, 'listPages' | 'watch'> => ({
  async *listPages() {
    yield { items, resourceVersion: '1' };
  },
  async *watch(_resource, { signal, onOpen }) {
    onOpen?.();
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    yield* [];
  },
});

test('the index knows what the analysis of a Canary checks, by the names of the metrics', async (t) => {
  const metrics = [
    { name: 'request-success-rate', interval: '1m' },
    { name: 'a/b', query: 'x' },
  ];
  const index = createCanaryIndex({
    namespaces: [],
    openLoop: canaryLoops({
      client: clusterOf(aCanaryObject({ analysis: { metrics } })),
      clock: createFakeClock(),
      random: () => 0,
      log,
    }),
    log,
  });
  t.teardown(() => index.stop());
  index.start();
  await index.whenSynced(new AbortController().signal);
  t.deepEqual(
    [...index.all()].map((canary) => canary.metrics),
    [['request-success-rate', 'a/b']],
  );
});
