import test from 'ava';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { services } from '../../../platform/kubernetes/resources.ts';
import { createStepObjects } from '../../../worker/objects/step-objects.ts';
import type { ObjectsClient, Repeat } from '../../../worker/objects/step-objects.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const at = { resource: services, name: { namespace: 'test', name: 'podinfo' } };

const service = (resourceVersion: string, generation?: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion, ...(generation && { generation }) },
});

const failure = (kind: 'conflict' | 'unavailable'): KubernetesError =>
  new KubernetesError({ kind, action: 'apply Service test/podinfo', detail: 'scripted' });

/** Answers in the order of the script; a failure is thrown. What is asked is kept. */
function scripted(script: readonly (KubernetesObject | KubernetesError)[]) {
  const asked: string[] = [];
  let next = 0;
  const answer = async (what: string): Promise<KubernetesObject> => {
    asked.push(what);
    const said = script[next];
    next += 1;
    if (said === undefined) throw new Error(`the script has no answer for ${what}`);
    if (said instanceof KubernetesError) throw said;
    return said;
  };
  const client: ObjectsClient = {
    get: () => answer('get'),
    create: () => answer('create'),
    apply: (_, __, options) => answer(`apply at ${options?.resourceVersion}`),
    mergePatch: (_, __, options) => answer(`patch at ${options.resourceVersion}`),
    jsonPatch: (_, __, { operations }) => answer(`patch where ${JSON.stringify(operations)}`),
  };
  return { asked, objects: createStepObjects(client) };
}

const change = (repeat: Repeat) => ({ at, repeat, plan: () => ({ desired: service('') }) });

test('a step reads an object once, and another step reads it again', async (t) => {
  const { asked, objects } = scripted([service('1'), service('2')]);
  const step = aStep(aCanary());
  const [first, second] = await Promise.all([objects.get(step, at), objects.get(step, at)]);
  t.is(first, second);
  t.is((await objects.get(aStep(aCanary()), at))?.metadata.resourceVersion, '2');
  t.deepEqual(asked, ['get', 'get']);
});

test('a patch of a spec goes by the generation that was read, and is not repeated for another one', async (t) => {
  const deployment = (resourceVersion: string, generation: number): KubernetesObject => ({
    ...service(resourceVersion, generation),
    spec: { replicas: 1 },
  });
  const { asked, objects } = scripted([deployment('1', 7), deployment('2', 8)]);
  await objects.patch(aStep(aCanary()), { at, patch: { spec: { replicas: 0 } } });
  t.deepEqual(asked, [
    'get',
    'patch where [{"op":"test","path":"/metadata/uid","value":"u"},{"op":"test","path":"/metadata/generation","value":7},' +
      '{"op":"add","path":"/spec/replicas","value":0}]',
  ]);
  const moved = scripted([deployment('1', 7), failure('conflict'), deployment('2', 8)]);
  const late = moved.objects.patch(aStep(aCanary()), { at, patch: { spec: { replicas: 0 } } });
  await t.throwsAsync(late, { message: /scripted/ });
  t.deepEqual(moved.asked, [asked[0], asked[1], 'get']);
});

test('a failed read is not remembered', async (t) => {
  const { objects } = scripted([failure('unavailable'), service('1')]);
  const step = aStep(aCanary());
  await t.throwsAsync(objects.get(step, at), { name: 'KubernetesError' });
  t.is((await objects.get(step, at))?.metadata.resourceVersion, '1');
});

test('what a write returned takes the place of what was read', async (t) => {
  const { asked, objects } = scripted([service('1'), service('2'), service('3')]);
  const step = aStep(aCanary());
  await objects.ensure(step, change('always'));
  await objects.patch(step, { at, patch: {} });
  t.deepEqual(asked, ['get', 'apply at 1', 'patch at 2']);
});

test('a conflict on an object that follows from specs alone is answered with a fresh read', async (t) => {
  const { asked, objects } = scripted([service('1'), failure('conflict'), service('2'), service('3')]);
  await objects.ensure(aStep(aCanary()), change('always'));
  t.deepEqual(asked, ['get', 'apply at 1', 'get', 'apply at 2']);
});

test('a conflict that never ends is told after eight tries', async (t) => {
  const rounds = Array.from({ length: 8 }, (_, round) => [service(`${round}`), failure('conflict')]).flat();
  const { asked, objects } = scripted(rounds);
  await t.throwsAsync(objects.ensure(aStep(aCanary()), change('always')), { name: 'KubernetesError' });
  t.is(asked.filter((line) => line.startsWith('apply')).length, 8);
});

test('a workload is written again after a conflict only while its spec is the one that was read', async (t) => {
  const same = scripted([service('1', 7), failure('conflict'), service('2', 7), service('3', 8)]);
  await same.objects.ensure(aStep(aCanary()), change('sameSpec'));
  t.deepEqual(same.asked, ['get', 'apply at 1', 'get', 'apply at 2']);

  const moved = scripted([service('1', 7), failure('conflict'), service('2', 8)]);
  await t.throwsAsync(moved.objects.patch(aStep(aCanary()), { at, patch: {} }), { name: 'KubernetesError' });
  t.deepEqual(moved.asked, ['get', 'patch at 1', 'get']);

  const gone = scripted([service('1', 7), failure('conflict'), { ...service('2', 7), metadata: { name: 'podinfo' } }]);
  await t.throwsAsync(gone.objects.ensure(aStep(aCanary()), change('sameSpec')), { name: 'KubernetesError' });
});

test('a kind without a generation is compared by its spec', async (t) => {
  const of = (resourceVersion: string, port: number) => ({ ...service(resourceVersion), spec: { ports: [{ port }] } });
  const same = scripted([of('1', 80), failure('conflict'), of('2', 80), of('3', 80)]);
  await same.objects.ensure(aStep(aCanary()), change('sameSpec'));
  t.deepEqual(same.asked, ['get', 'apply at 1', 'get', 'apply at 2']);

  const moved = scripted([of('1', 80), failure('conflict'), of('2', 81)]);
  await t.throwsAsync(moved.objects.ensure(aStep(aCanary()), change('sameSpec')), { name: 'KubernetesError' });
});

test('another failure is not repeated', async (t) => {
  const { asked, objects } = scripted([service('1'), failure('unavailable')]);
  await t.throwsAsync(objects.ensure(aStep(aCanary()), change('always')), { message: /scripted/ });
  t.deepEqual(asked, ['get', 'apply at 1']);
});
