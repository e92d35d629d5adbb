import test from 'ava';
import { stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { deployments, events, services } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

test.serial('a new Canary gets its Services and its primary, and keeps its target until that is ready', async (t) => {
  const namespace = await cluster.namespace('first');
  await cluster.deployment(namespace);
  await cluster.canary({ namespace, spec: { provider: 'kubernetes' }, analysis: { interval: '1s', iterations: 3 } });
  const env = { ...settingsOn(cluster, 'first'), NAMESPACE: namespace };
  const processes = (['scheduler', 'worker'] as const).map((program) => startProcessFor(t, { program, env }));
  const primary = await waitFor({
    what: 'the primary',
    seconds: 60,
    look: async (): Promise<KubernetesObject | undefined> => {
      const { items } = await cluster.user.list(deployments, { namespace });
      return items.find(({ metadata }) => metadata.name === 'podinfo-primary');
    },
    explain: () =>
      JSON.stringify(
        processes.map((process) => [process.errors(), process.lines().slice(-8)]),
        null,
        1,
      ),
  });
  t.is(stringAt(primary, 'metadata', 'ownerReferences', 0, 'kind'), 'Canary');
  const { items } = await cluster.user.list(services, { namespace });
  t.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['podinfo-canary', 'podinfo-primary']);
  const target = await cluster.user.get(deployments, { namespace, name: 'podinfo' });
  t.true(Number(valueAt(target, 'spec', 'replicas') ?? 1) > 0);
  await waitFor({
    what: 'an event that says what it waits for',
    seconds: 30,
    look: async () => {
      const texts = (await cluster.user.list(events, { namespace })).items.map((event) => stringAt(event, 'message'));
      return texts.find((text) => text?.startsWith('podinfo-primary.first not ready: waiting for rollout to finish'));
    },
  });
  t.is(stringAt(await cluster.read(namespace), 'status', 'phase'), 'Initializing');
});
