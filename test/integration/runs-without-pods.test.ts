/** Whole runs of targets that have no pods of their own: real rules and adapters on a real API server. */
import test from 'ava';
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, endpointSlices, httpRoutesV1, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aviaryOn, saidIn } from '../support/aviary-on-cluster.ts';
import type { AviaryOnCluster } from '../support/aviary-on-cluster.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { aKnativeTarget, installKnative } from '../support/knative-target.ts';
import { aServiceTarget } from '../support/service-target.ts';
import { find as findObject } from '../support/stored-object.ts';

let cluster: CanaryCluster;
let aviary: AviaryOnCluster;
test.before(async () => {
  cluster = await startCanaryCluster({ controllerManager: true });
  await installKnative(cluster);
  await install(cluster.user, await httpRouteDefinition());
  aviary = await aviaryOn(cluster);
});
test.after.always(async () => {
  await aviary?.stop();
  await cluster?.close();
});

const analysis = { interval: '1s', metrics: [], stepWeight: 20, maxWeight: 40 };

const find = (resource: Resource, namespace: string, name: string): Promise<KubernetesObject | undefined> =>
  findObject(cluster.user, resource, { namespace, name });

interface Watch {
  readonly namespace: string;
  readonly phase: string;
  /** What is to be seen after a step. */
  readonly look: () => Promise<string>;
  /** What others do after a step. */
  readonly afterwards?: () => Promise<void>;
}

/** Steps until the phase is reached; what was seen on the way, each once in a row, behind its phase. */
async function seenUntil({ namespace, phase, look, afterwards }: Watch): Promise<readonly string[]> {
  const seen: string[] = [];
  await waitFor({
    what: `${namespace} to be ${phase}`,
    seconds: 30,
    look: async () => {
      await aviary.step(namespace);
      const canary = await find(canaries, namespace, 'podinfo');
      const now = canary === undefined ? 'gone' : (stringAt(canary, 'status', 'phase') ?? '');
      const line = `${now}: ${await look()}`;
      if (line !== seen.at(-1)) seen.push(line);
      await afterwards?.();
      return now === phase ? true : undefined;
    },
  });
  return seen;
}

test.serial('a Knative Service is released revision by revision, and gets its traffic back', async (t) => {
  const fixture = await aKnativeTarget(cluster, 'run');
  const { namespace, service, settle, release } = fixture;
  const { provider, target: targetRef } = fixture.canary.spec;
  await cluster.canary({ namespace, analysis, spec: { provider, targetRef, revertOnDeletion: true } });
  const look = async () => {
    const live = await service();
    const shares = arrayAt(live, 'spec', 'traffic').map((entry) => valueAt(entry, 'percent'));
    const primary = live.metadata.annotations?.['flagger.app/primary-revision'] ?? 'nobody';
    return shares.length === 0 ? 'plain' : `${primary} ${shares.join('/')}`;
  };
  const watch = (phase: string) => seenUntil({ namespace, phase, look, afterwards: settle });
  t.deepEqual(await watch('Initialized'), ['Initializing: plain', 'Initialized: podinfo-00001 0/100']);
  await release();
  t.deepEqual(await watch('Succeeded'), [
    'Progressing: podinfo-00001 0/100',
    'Progressing: podinfo-00001 20/80',
    'Progressing: podinfo-00001 40/60',
    'Promoting: podinfo-00002 40/60',
    'Finalising: podinfo-00002 0/100',
    'Succeeded: podinfo-00002 0/100',
  ]);
  t.is(await aviary.step(namespace), 'settled');
  await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
  await aviary.until(namespace, 'gone');
  t.deepEqual(valueAt(await service(), 'spec', 'traffic'), [{ latestRevision: true, percent: 100 }]);
  t.is((await service()).metadata.annotations, undefined);
});

test.serial('a run on Knative stands still while Knative does, and says why', async (t) => {
  const fixture = await aKnativeTarget(cluster, 'stands');
  const { namespace, service, settle, release } = fixture;
  const { provider, target: targetRef } = fixture.canary.spec;
  await cluster.canary({ namespace, analysis, spec: { provider, targetRef } });
  await aviary.until(namespace, 'Initialized');
  await settle();
  await release();
  const canaryShare = async () => valueAt(await service(), 'spec', 'traffic', 0, 'percent');
  await waitFor({
    what: 'the first share',
    seconds: 30,
    look: async () => {
      await aviary.step(namespace);
      return (await canaryShare()) === 20 ? true : undefined;
    },
  });
  t.is(await aviary.step(namespace), 'stopped');
  t.is(await canaryShare(), 20);
  t.true((await saidIn(cluster, namespace)).some((said) => /podinfo is not ready: it has not taken up/.test(said)));
  await settle();
  t.is(await aviary.step(namespace), 'advanced');
  t.is(await canaryShare(), 40);
});

/** Somebody answers behind a Service, without a pod of this cluster. */
const answers = (namespace: string, service: string) =>
  cluster.user.create(endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `by-hand-${service}`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
    ports: [{ name: 'http', port: 9898 }],
  });

test.serial('a Service is released from copy to copy, and its route waits for the primary’s endpoints', async (t) => {
  const { namespace, get, release, canary } = await aServiceTarget(cluster, 'run');
  await answers(namespace, 'podinfo');
  const { target: targetRef } = canary.spec;
  const spec = { provider: 'gatewayapi:v1', targetRef };
  await cluster.canary({ namespace, analysis, spec, service: { gatewayRefs: [{ name: 'public' }] } });
  const versionOf = async (name: string) => {
    const service = await find(services, namespace, name);
    return service === undefined ? 'none' : stringAt(service, 'spec', 'selector', 'version');
  };
  const look = async () => {
    const route = await find(httpRoutesV1, namespace, 'podinfo');
    const refs = arrayAt(route, 'spec', 'rules', 0, 'backendRefs').map((ref) => valueAt(ref, 'weight'));
    return `${await versionOf('podinfo-primary')} ${await versionOf('podinfo-canary')} ${refs.join('/') || 'no route'}`;
  };
  for (let steps = 0; steps < 3; steps += 1) await aviary.step(namespace);
  t.is(await look(), 'one one no route', 'nobody answers behind the primary yet');
  t.true((await saidIn(cluster, namespace)).some((said) => said.includes('its Service has no ready endpoints')));
  await answers(namespace, 'podinfo-primary');
  t.deepEqual(await seenUntil({ namespace, phase: 'Initialized', look }), ['Initialized: one one 100/0']);
  await release();
  t.deepEqual(await seenUntil({ namespace, phase: 'Succeeded', look }), [
    'Progressing: one two 100/0',
    'Progressing: one two 80/20',
    'Progressing: one two 60/40',
    'Promoting: two two 60/40',
    'Finalising: two two 100/0',
    'Succeeded: two two 100/0',
  ]);
  t.is(await aviary.step(namespace), 'settled');

  const { resourceVersion } = (await get('podinfo')).metadata;
  await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
  const owned = ['podinfo-primary', 'podinfo-canary'];
  await waitFor({
    what: 'the copies to go with their Canary',
    seconds: 60,
    look: async () => {
      const left = await Promise.all(owned.map((name) => find(services, namespace, name)));
      return left.every((service) => service === undefined) ? true : undefined;
    },
  });
  t.is((await get('podinfo')).metadata.resourceVersion, resourceVersion);
});
