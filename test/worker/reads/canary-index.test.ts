import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { allRouted } from '../../../canary/notes.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { canaryLoops, createCanaryIndex } from '../../../worker/reads/canary-index.ts';
import type { IndexedCanary } from '../../../worker/reads/canary-index.ts';
import { aCanaryObject } from '../../support/a-canary.ts';
import type { CanaryOptions } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

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

async function indexOf(t: ExecutionContext, ...objects: KubernetesObject[]): Promise<readonly IndexedCanary[]> {
  const openLoop = canaryLoops({ client: clusterOf(...objects), clock: createFakeClock(), random: () => 0, log });
  const index = createCanaryIndex({ namespaces: [], defaultProvider: 'kubernetes', openLoop, log });
  t.teardown(() => index.stop());
  index.start();
  await index.whenSynced(new AbortController().signal);
  return [...index.all()];
}

test('the index knows what the analysis of a Canary checks, by the names of the metrics', async (t) => {
  const metrics = [
    { name: 'request-success-rate', interval: '1m' },
    { name: 'a/b', query: 'x' },
  ];
  const [canary] = await indexOf(t, aCanaryObject({ analysis: { metrics } }));
  t.deepEqual(canary?.metrics, ['request-success-rate', 'a/b']);
});

const blueGreen = { maxWeight: undefined, iterations: 2 };
const abTesting = { ...blueGreen, match: [{ headers: { 'x-canary': { exact: 'insider' } } }] };
const allRun = { id: 'a', checkErrors: 0, mirrored: false, said: [allRouted] };
const onKubernetes = { spec: { provider: undefined }, analysis: { stepWeight: 10 } };

const shown: readonly (readonly [string, CanaryOptions, Partial<CanaryStatus>, number])[] = [
  ['a run by weight has its weight', {}, { phase: 'Progressing', canaryWeight: 20 }, 20],
  ['A/B testing none before its first iteration', { analysis: abTesting }, { phase: 'Progressing' }, 0],
  ['and all from then on', { analysis: abTesting }, { phase: 'Progressing', iterations: 1 }, 100],
  ['Blue/Green none while it iterates', { analysis: blueGreen }, { phase: 'Progressing', iterations: 2 }, 0],
  ['and all when it is routed', { analysis: blueGreen }, { phase: 'Progressing', iterations: 3, run: allRun }, 100],
  ['and when it is promoted', { analysis: blueGreen }, { phase: 'Promoting', iterations: 3, canaryWeight: 100 }, 100],
  ['without routes, by default, all while it iterates', onKubernetes, { phase: 'Progressing', iterations: 1 }, 100],
  ['and none afterwards', onKubernetes, { phase: 'Promoting', iterations: 11 }, 0],
  ['a canary at rest none', { analysis: abTesting }, { phase: 'Succeeded' }, 0],
  ['one that nobody has looked at none', { spec: { analysis: undefined } }, {}, 0],
];

for (const [title, options, status, expected] of shown) {
  test(`the weight that is shown is that of the routes: ${title}`, async (t) => {
    const zero = { failedChecks: 0, canaryWeight: 0, iterations: 0, conditions: [], outbox: [] };
    const [canary] = await indexOf(t, aCanaryObject({ ...options, status: { ...zero, ...status } }));
    t.is(canary?.weight, expected);
  });
}
