/** The finalizer on a real API server, beside the status that a step saves. */
import test from 'ava';
import type { Action } from '../../canary/action.ts';
import type { CanaryStatus } from '../../canary/canary.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { script, statusOn, takeStepOn } from '../support/step-on-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

const ours = 'finalizer.flagger.app';
const on: Action = { kind: 'setFinalizer', present: true };
const off: Action = { kind: 'setFinalizer', present: false };
const at = (weight: number) => (now: CanaryStatus) => ({ ...now, phase: 'Progressing' as const, canaryWeight: weight });
const recorded = (status: CanaryStatus): Action => ({ kind: 'record', status, announcements: [] });

const finalizersOf = async (namespace: string): Promise<readonly string[] | undefined> =>
  (await cluster.read(namespace)).metadata.finalizers;
const edit = (namespace: string, patch: Record<string, unknown>) =>
  cluster.user.mergePatch(canaries, { namespace, name: 'podinfo' }, { patch });

test.serial('a step writes finalizer and status one after the other, each under the version of the last', async (t) => {
  const namespace = await cluster.namespace('both');
  await cluster.canary({ namespace });
  await edit(namespace, { metadata: { finalizers: ['others.example/wait'] } });
  const early = at(10)(await statusOn(cluster, namespace));
  const { end } = await takeStepOn(cluster, { namespace, advance: script([on, recorded(early)], at(20)) });
  t.like(end, { kind: 'taken', outcome: 'advanced' });
  t.deepEqual(await finalizersOf(namespace), ['others.example/wait', ours]);
  t.is((await statusOn(cluster, namespace)).canaryWeight, 20);
  await takeStepOn(cluster, { namespace, advance: script([recorded(early), off], at(30)) });
  t.deepEqual(await finalizersOf(namespace), ['others.example/wait']);
  t.is((await statusOn(cluster, namespace)).canaryWeight, 30);
});

test.serial('a finalizer that is there already is not written', async (t) => {
  const namespace = await cluster.namespace('there');
  await cluster.canary({ namespace });
  await edit(namespace, { metadata: { finalizers: [ours] } });
  cluster.requests.length = 0;
  await takeStepOn(cluster, { namespace, advance: script([on], (now) => now) });
  t.deepEqual(cluster.requests, ['get canaries.flagger.app']);
});

test.serial(
  'a Canary that somebody has changed since it was read gets no finalizer, and nothing more is done',
  async (t) => {
    const namespace = await cluster.namespace('moved');
    await cluster.canary({ namespace });
    const effects: string[] = [];
    const { end } = await takeStepOn(cluster, {
      namespace,
      advance: script([{ kind: 'ensureServices' }, on, { kind: 'ensureApex' }], at(10)),
      adapters: {
        ensureServices: async () => {
          await edit(namespace, { metadata: { labels: { touched: 'yes' } } });
          return {};
        },
        ensureApex: async () => {
          effects.push('apex');
          return {};
        },
      },
    });
    t.like(end, { kind: 'taken', outcome: 'conflict' });
    t.is(await finalizersOf(namespace), undefined);
    t.deepEqual(effects, []);
  },
);

test.serial('a Canary that was deleted since it was read gets none either', async (t) => {
  const namespace = await cluster.namespace('deleted');
  await cluster.canary({ namespace });
  await edit(namespace, { metadata: { finalizers: ['others.example/wait'] } });
  const { end } = await takeStepOn(cluster, {
    namespace,
    advance: script([{ kind: 'ensureServices' }, on], at(10)),
    adapters: {
      ensureServices: async () => {
        await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
        return {};
      },
    },
  });
  t.like(end, { kind: 'taken', outcome: 'conflict' });
  t.deepEqual(await finalizersOf(namespace), ['others.example/wait']);
  await edit(namespace, { metadata: { finalizers: null } });
});

test.serial('the last finalizer ends the Canary, and the step ends well', async (t) => {
  const namespace = await cluster.namespace('last');
  await cluster.canary({ namespace });
  await edit(namespace, { metadata: { finalizers: [ours] } });
  await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
  const { end } = await takeStepOn(cluster, { namespace, advance: script([off], at(20)) });
  t.like(end, { kind: 'taken', outcome: 'advanced' });
  await t.throwsAsync(cluster.read(namespace), { message: /not found/ });
});
