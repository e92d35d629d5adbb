import test from 'ava';
import { valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { deployments, pods, resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { targetContract } from '../contract/target.contract.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { aStep } from '../support/a-step.ts';
import { aDeploymentTarget, containerOf, firstId, image, nextId, variablesOf } from '../support/deployment-target.ts';
import type { DeploymentFixture, SetUp } from '../support/deployment-target.ts';
import { startLightClient } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

const replicaSets = resource({
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
});

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const setUp = (name: string, options?: SetUp): Promise<DeploymentFixture> => aDeploymentTarget(light, name, options);

const variables = (...names: string[]) => names.map((name) => ({ name, value: name.toLowerCase() }));

targetContract(test.serial, 'Deployment', (name) => setUp(name));

test.serial('the primary carries what the rules copy, and belongs to the Canary', async (t) => {
  const deployment = aDeployment({
    metadata: {
      labels: { app: 'podinfo', team: 'birds', 'kustomize.toolkit.fluxcd.io/name': 'apps' },
      annotations: { note: 'kept', 'kustomize.toolkit.fluxcd.io/checksum': 'x' },
    },
    spec: { progressDeadlineSeconds: 60, minReadySeconds: 3, revisionHistoryLimit: 5, replicas: 2 },
    pod: { labels: { app: 'podinfo', team: 'birds' }, annotations: { scrape: 'yes', 'a.toolkit.fluxcd.io/b': 'x' } },
  });
  const { canary, target, primary } = await setUp('copied', { deployment });
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const made = await primary();
  t.deepEqual(made.metadata.labels, { app: 'podinfo-primary' });
  t.is(made.metadata.annotations?.['note'], 'kept');
  t.false(Object.keys(made.metadata.annotations ?? {}).some((key) => key.includes('toolkit')));
  t.deepEqual(made.metadata.ownerReferences, [
    {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: 'podinfo',
      uid: canary.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  t.like(made['spec'], { replicas: 2, progressDeadlineSeconds: 60, minReadySeconds: 3, revisionHistoryLimit: 5 });
  t.deepEqual(valueAt(made, 'spec', 'selector'), { matchLabels: { app: 'podinfo-primary' } });
  t.deepEqual(valueAt(made, 'spec', 'template', 'metadata'), {
    labels: { app: 'podinfo-primary', team: 'birds' },
    annotations: { scrape: 'yes', 'flagger-id': firstId },
  });
});

test.serial('promoting twice makes one ReplicaSet', async (t) => {
  const { canary, target, release, namespace } = await setUp('replica-set');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const ofPrimary = async (): Promise<KubernetesObject[]> =>
    (await light.user.list(replicaSets, { namespace, labelSelector: 'app=podinfo-primary' })).items;
  const countIs = (count: number) =>
    waitFor({
      what: `${count} ReplicaSets of the primary`,
      seconds: 20,
      look: async () => ((await ofPrimary()).length === count ? true : undefined),
    });
  await countIs(1);
  await release();
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  await countIs(2);
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  const current = await waitFor({
    what: 'the Deployment controller to have seen the primary',
    seconds: 20,
    look: async () => {
      const { metadata, status } = await light.user.get(deployments, { namespace, name: 'podinfo-primary' });
      return valueAt(status, 'observedGeneration') === metadata.generation ? metadata.generation : undefined;
    },
  });
  t.is(current, 2);
  t.is((await ofPrimary()).length, 2);
});

test.serial('labels and annotations that others put on the primary survive a promotion', async (t) => {
  const { canary, target, release, primary, edit } = await setUp('foreign');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await edit('podinfo-primary', { metadata: { labels: { mine: 'yes' }, annotations: { 'mine.example/note': 'yes' } } });
  await release();
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  const { metadata } = await primary();
  t.is(metadata.labels?.['mine'], 'yes');
  t.is(metadata.annotations?.['mine.example/note'], 'yes');
});

test.serial('the primary runs the promoted template and nothing that others added to it', async (t) => {
  const { canary, target, primary, edit } = await setUp('exact');
  await edit(
    'podinfo',
    image('podinfo:1', {
      env: variables('A', 'B'),
    }),
  );
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const extended = {
    env: variables('A', 'B', 'EXTRA'),
  };
  await edit('podinfo-primary', image('podinfo:1', extended));
  t.false((await target.observe(aStep(canary))).primary?.equalsTarget);
  await edit(
    'podinfo',
    image('podinfo:2', {
      env: variables('C', 'A'),
    }),
  );
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  t.deepEqual(variablesOf(await primary()), ['C', 'A'], 'in the order of the target');
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
});

test.serial('a primary written by another controller is taken over at the first promotion', async (t) => {
  const { canary, target, primary, namespace } = await setUp('taken-over');
  const marked = { app: 'podinfo-primary' };
  const theirs = aDeployment({
    name: 'podinfo-primary',
    namespace,
    pod: { labels: marked, annotations: { 'flagger-id': 'random' } },
    container: { env: [{ name: 'OLD', value: '1' }] },
    spec: { replicas: 3, selector: { matchLabels: marked } },
  });
  await light.user.create(deployments, theirs);
  t.like((await target.observe(aStep(canary))).primary, { equalsTarget: false, flaggerId: 'random' });
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: nextId });
  t.deepEqual(variablesOf(await primary()), []);
  t.is((await primary()).metadata.ownerReferences, undefined, 'what others made stays theirs');
});

test.serial('another writer between reading and promoting makes a conflict, and the next step succeeds', async (t) => {
  const { canary, target, release, primary, edit } = await setUp('conflict');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await release();
  const step = aStep(canary);
  const { revision } = await target.observe(step);
  await edit('podinfo-primary', { spec: { minReadySeconds: 7 } });
  const promoting = target.promote(step, { revision, flaggerId: nextId });
  t.like(await t.throwsAsync(promoting), { name: 'KubernetesError', kind: 'conflict' });
  t.deepEqual(await target.promote(aStep(canary), { revision, flaggerId: nextId }), { kind: 'copied' });
  t.is(valueAt(containerOf(await primary()), 'image'), 'podinfo:2');
});

test.serial('a label that is written meanwhile is no conflict: the spec is still the one that was read', async (t) => {
  const { canary, target, release, primary, edit } = await setUp('label-race');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await release();
  const step = aStep(canary);
  const { revision } = await target.observe(step);
  await edit('podinfo-primary', { metadata: { labels: { mine: 'yes' } } });
  t.deepEqual(await target.promote(step, { revision, flaggerId: nextId }), { kind: 'copied' });
  t.is((await primary()).metadata.labels?.['mine'], 'yes');
});

test.serial('what is noted on a target refuses no scaling; a change of its spec does', async (t) => {
  const { canary, target, requests, edit } = await setUp('scale-race');
  const [step, late] = [aStep(canary), aStep(canary)];
  await target.observe(step);
  await edit('podinfo', { metadata: { labels: { mine: 'yes' } } });
  await target.scale(step, 'zero');
  t.deepEqual(requests.slice(-2), ['get deployments.apps', 'patch deployments.apps'], 'read once, and taken at once');
  await target.observe(late);
  await edit('podinfo', { spec: { minReadySeconds: 7 } });
  t.like(await t.throwsAsync(target.scale(late, 'running')), { name: 'KubernetesError', kind: 'conflict' });
});

test.serial('one step reads each workload once, and once more to promote', async (t) => {
  const { canary, target, requests, release } = await setUp('reads');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await release();
  const before = requests.length;
  const step = aStep(canary);
  const { revision } = await target.observe(step);
  await target.selector(step);
  await target.scale(step, 'running');
  await target.promote(step, { revision, flaggerId: nextId });
  t.like(await target.observe(step), { primary: { equalsTarget: true } });
  const get = 'get deployments.apps';
  const apply = 'apply deployments.apps';
  const made = requests.slice(before);
  t.deepEqual(made.slice(0, 4), [get, get, get, apply]);
  // The Deployment controller may write the status in between; then the same copy is tried again on a fresh read.
  t.true(
    made.slice(4).every((request, index) => request === (index % 2 === 0 ? get : apply)),
    made.join(', '),
  );
});

/** What the kubelet of a node would say of a pod that runs. */
const running: JsonRecord = {
  status: { phase: 'Running', podIP: '10.1.2.3', conditions: [{ type: 'Ready', status: 'True' }] },
};

test.serial('a primary is waited for until its pods are ready', async (t) => {
  const { canary, target, namespace } = await setUp('ready');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const readiness = async (what: string, look: (why: string) => boolean) =>
    waitFor({
      what,
      seconds: 20,
      look: async () => {
        const seen = (await target.observe(aStep(canary))).primary?.readiness;
        return look(seen?.kind === 'waiting' ? seen.why : (seen?.kind ?? '')) ? seen : undefined;
      },
    });
  const text = 'waiting for rollout to finish: 0 of 2 (readyThreshold 100%) updated replicas are available';
  t.deepEqual(await readiness(text, (why) => why === text), { kind: 'waiting', why: text });
  const { items } = await light.user.list(pods, { namespace, labelSelector: 'app=podinfo-primary' });
  t.is(items.length, 2);
  for (const pod of items)
    await light.user.patchStatus(pods, { namespace, name: pod.metadata.name }, { patch: running });
  t.deepEqual(await readiness('ready', (why) => why === 'ready'), { kind: 'ready' });
});

test.serial('a primary without replicas is not ready: there is nobody to send traffic to', async (t) => {
  const { canary, target, edit } = await setUp('nobody');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  await edit('podinfo-primary', { spec: { replicas: 0 } });
  const why = 'waiting for rollout to finish: 0 out of 1 new replicas have been updated';
  t.deepEqual((await target.observe(aStep(canary))).primary?.readiness, { kind: 'waiting', why });
});

test.serial('a target that does not exist is named in the error', async (t) => {
  const { canaryWith, target } = await setUp('missing');
  const canary = canaryWith({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' } });
  const message = `deployment nobody.${canary.namespace} get query error: there is no such object`;
  t.like(await t.throwsAsync(target.observe(aStep(canary))), { reason: 'notFound', message });
});
