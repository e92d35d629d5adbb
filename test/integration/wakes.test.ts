/** Two schedulers that stay, on a real API server and a real Redis: what wakes a canary, how soon, and that it wakes once. */
import test from 'ava';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import {
  canaries,
  configMaps,
  daemonSets,
  deployments,
  knativeServices,
  secrets,
  services,
} from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { install, knativeDefinitions } from '../support/definitions.ts';
import { aWakeScene, settled } from '../support/wake-scene.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
  for (const definition of await knativeDefinitions()) await install(cluster.user, definition);
});
test.after.always(() => cluster.close());

const podinfo = (namespace: string) => ({ namespace, name: 'podinfo' });
const image = (tag: string) => ({ containers: [{ name: 'podinfo', image: `podinfo:${tag}` }] });

interface Target {
  readonly resource: Resource;
  readonly spec: Record<string, unknown>;
  /** A new revision. */
  readonly patch: Record<string, unknown>;
  /** What others write, and is none; to the object or its status. */
  readonly noise?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
  /** How Aviary gives it other pods. */
  readonly scaling?: Record<string, unknown>;
}

const pods = aDeployment()['spec'] as Record<string, unknown>;
const { replicas: _count, ...daemonPods } = pods;

const targets: Readonly<Record<string, Target>> = {
  deployment: {
    resource: deployments,
    spec: pods,
    patch: { spec: { template: { spec: image('2') } } },
    status: { replicas: 1 },
    scaling: { spec: { replicas: 5 } },
  },
  daemonset: {
    resource: daemonSets,
    spec: daemonPods,
    patch: { spec: { template: { spec: image('2') } } },
    noise: { metadata: { annotations: { note: 'seen' } } },
    scaling: { spec: { template: { spec: { nodeSelector: { 'flagger.app/scale-to-zero': 'true' } } } } },
  },
  service: {
    resource: services,
    spec: { ports: [{ port: 9898 }], selector: { app: 'podinfo' } },
    patch: { spec: { selector: { app: 'podinfo-2' } } },
    noise: { metadata: { annotations: { note: 'seen' } } },
  },
  knative: {
    resource: knativeServices,
    spec: { template: { spec: image('1') } },
    patch: { spec: { template: { spec: image('2') } } },
    noise: { metadata: { annotations: { note: 'seen' } } },
  },
};

const aTarget = async (namespace: string, { resource, spec }: Target) =>
  cluster.user.create(resource, {
    apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: podinfo(namespace),
    spec,
  });

const aCanaryOf = ({ resource }: Target) => {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const provider = resource === knativeServices ? 'knative' : 'kuma';
  return { provider, targetRef: { apiVersion, kind: resource.kind, name: 'podinfo' } };
};

for (const [name, target] of Object.entries(targets)) {
  test.serial(`a new revision of a target wakes its canary once: ${name}`, async (t) => {
    const make = async (namespace: string) => {
      await aTarget(namespace, target);
      return cluster.canary({ namespace, spec: aCanaryOf(target), analysis: { interval: '60m' } });
    };
    const scene = await aWakeScene(t, { cluster, name: `wake-${name}`, make, watches: 1 });
    if (target.noise !== undefined) await scene.edit(target.resource, target.noise);
    if (target.status !== undefined) {
      const stored = await cluster.user.get(target.resource, podinfo(scene.namespace));
      await cluster.user.replaceStatus(target.resource, { ...stored, status: target.status });
    }
    if (target.scaling !== undefined) {
      await cluster.client.mergePatch(target.resource, podinfo(scene.namespace), { patch: target.scaling });
    }
    const editedAt = performance.now();
    await scene.edit(target.resource, target.patch);
    const wakes = await scene.woken(1);
    t.log(`in the queue ${Math.round(performance.now() - editedAt)} ms after the edit was sent`);
    t.is(wakes.length, 1);
    t.is((await settled(scene)).length, 2, 'one wake by the revision, one by the annotation');
  });
}

test.serial(
  'an edited spec, a suspension, an annotation of ours and a deletion wake; a status and other annotations do not',
  async (t) => {
    const make = (namespace: string) => cluster.canary({ namespace, analysis: { interval: '60m' } });
    const scene = await aWakeScene(t, { cluster, name: 'wake-verbs', make, watches: 1 });
    const { edit, namespace, woken } = scene;
    await edit(canaries, { metadata: { finalizers: ['finalizer.flagger.app'] } });
    const stored = await cluster.read(namespace);
    await cluster.user.replaceStatus(canaries, { ...stored, status: { phase: 'Initializing' } });
    await edit(canaries, { metadata: { annotations: { note: 'seen' } } });
    const edits: readonly Record<string, unknown>[] = [
      { spec: { analysis: { threshold: 7 } } },
      { spec: { suspend: true } },
      { metadata: { annotations: { 'aviary.dev/drain-delay': '7s' } } },
    ];
    for (const [index, patch] of edits.entries()) {
      const sentAt = performance.now();
      await edit(canaries, patch);
      await woken(index + 1);
      t.log(`${JSON.stringify(patch)}: ${Math.round(performance.now() - sentAt)} ms`);
    }
    await cluster.user.delete(canaries, podinfo(namespace));
    const wakes = await woken(edits.length + 1);
    const kinds = wakes.map((wake) => wake.replace(/\d+$/, ''));
    t.deepEqual(kinds, ['f canary-', 'w canary-', 'w canary-', 'w wishes-']);
    await edit(canaries, { metadata: { finalizers: null } });
  },
);

const tracked = { 'configmap/app': '1', 'secret/app': '2' };

async function withConfigs(namespace: string): Promise<KubernetesObject> {
  for (const name of ['app', 'other']) {
    const metadata = { namespace, name };
    await cluster.user.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '0' } });
    await cluster.user.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: '0' } });
  }
  return cluster.canary({ namespace, analysis: { interval: '60m' }, status: { trackedConfigs: tracked } });
}

test.serial('a changed ConfigMap or Secret wakes the canary that reads it, once; others wake nobody', async (t) => {
  const scene = await aWakeScene(t, { cluster, name: 'wake-configs', make: withConfigs, watches: 3 });
  const { edit } = scene;
  await edit(configMaps, { data: { a: '1' } }, 'other');
  await edit(secrets, { stringData: { a: '1' } }, 'other');
  for (const [index, resource] of [configMaps, secrets].entries()) {
    const sentAt = performance.now();
    await edit(resource, { [resource === secrets ? 'stringData' : 'data']: { a: '1' } }, 'app');
    await scene.woken(index + 1);
    t.log(`${resource.kind}: in the queue ${Math.round(performance.now() - sentAt)} ms after the edit was sent`);
  }
  const wakes = await scene.wakes();
  t.deepEqual(
    wakes.map((wake) => wake.replace(/-.*/, '')),
    ['w configmap', 'w secret'],
  );
  // A storm: the first at once, then one a second, and the last one is among them.
  const startedAt = performance.now();
  let last: KubernetesObject | undefined;
  for (let count = 0; count < 40; count += 1) last = await edit(configMaps, { data: { a: `storm ${count}` } }, 'app');
  const version = last?.metadata.resourceVersion ?? '';
  await waitFor({
    what: `a wake by version ${version}`,
    seconds: 10,
    look: async () => ((await scene.wakes()).some((wake) => wake.endsWith(`-${version}`)) ? true : undefined),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const storm = (await scene.wakes()).length - 2;
  // Each of the two schedulers may name another version in the middle of it.
  t.true(storm <= 2 * (seconds + 4), `${storm} wakes by 40 changes in ${seconds} s`);
});
