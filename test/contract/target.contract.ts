/** What every kind of target must do, whatever it is made of. Runs on a real API server. */
import type { ExecutionContext } from 'ava';
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import type { Target } from '../../worker/targets/target.ts';
import { aStep } from '../support/a-step.ts';
import { writesAmong } from '../support/light-client.ts';

/** One target in a namespace of its own. */
export interface TargetFixture {
  readonly canary: Canary;
  readonly target: Target;
  /** Requests of the target so far. */
  readonly requests: readonly string[];
  /** The user releases something: the pod template changes. */
  readonly release: () => Promise<unknown>;
  readonly primary: () => Promise<KubernetesObject>;
}

const ids = ['3f2c1b0a-0000-4000-8000-000000000001', '3f2c1b0a-0000-4000-8000-000000000002'] as const;

/** ava's `test` or `test.serial`. */
type Register = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

/** @param setUp makes a target with two replicas in a namespace that is named after the argument */
export function targetContract(test: Register, kind: string, setUp: (name: string) => Promise<TargetFixture>): void {
  test(`${kind}: a target has no primary until it is asked for one`, async (t) => {
    const { canary, target } = await setUp('absent');
    const fact = await target.observe(aStep(canary));
    t.is(fact.primary, undefined);
    t.regex(fact.revision.template, /^v1-[0-9a-f]{16}$/);
    t.is(fact.target.replicas, 2);
  });

  test(`${kind}: the primary is made once and equals its target`, async (t) => {
    const { canary, target, requests, primary } = await setUp('made');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    const first = await primary();
    const before = requests.length;
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    await target.ensurePrimary(aStep(canary), { follow: true, flaggerId: ids[0] });
    t.deepEqual(writesAmong(requests.slice(before)), []);
    t.is((await primary()).metadata.uid, first.metadata.uid);
    const fact = await target.observe(aStep(canary));
    t.like(fact.primary, { replicas: 2, equalsTarget: true, flaggerId: ids[0] });
  });

  test(`${kind}: an existing primary moves only when it is told to follow`, async (t) => {
    const { canary, target, release } = await setUp('follow');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    await release();
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[1] });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: false, flaggerId: ids[0] });
    await target.ensurePrimary(aStep(canary), { follow: true, flaggerId: ids[1] });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, flaggerId: ids[1] });
  });

  test(`${kind}: a revision is named by the template alone, and every release has a name of its own`, async (t) => {
    const { canary, target, release } = await setUp('named');
    const { revision } = await target.observe(aStep(canary));
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    await target.scale(aStep(canary), 'zero');
    t.deepEqual((await target.observe(aStep(canary))).revision, revision);
    await release();
    t.notDeepEqual((await target.observe(aStep(canary))).revision, revision);
  });

  test(`${kind}: scaling is absolute and repeats without a write`, async (t) => {
    const { canary, target, requests } = await setUp('scaled');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    for (const [to, replicas] of [['zero', 0] as const, ['running', 2] as const]) {
      await target.scale(aStep(canary), to);
      const before = requests.length;
      await target.scale(aStep(canary), to);
      t.deepEqual(writesAmong(requests.slice(before)), [], to);
      t.is((await target.observe(aStep(canary))).target.replicas, replicas);
    }
  });

  test(`${kind}: a promotion copies the wanted revision, and its repetition writes nothing`, async (t) => {
    const { canary, target, requests, release, primary } = await setUp('promoted');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    await release();
    const { revision } = await target.observe(aStep(canary));
    const wanted = { revision, flaggerId: ids[1] };
    t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, flaggerId: ids[1] });
    const { generation } = (await primary()).metadata;
    const before = requests.length;
    t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
    t.deepEqual(writesAmong(requests.slice(before)), []);
    t.is((await primary()).metadata.generation, generation);
  });

  test(`${kind}: a target that moved on after it was observed is not promoted`, async (t) => {
    const { canary, target, release, primary } = await setUp('moved');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    const step = aStep(canary);
    const { revision } = await target.observe(step);
    const { generation } = (await primary()).metadata;
    await release();
    const { revision: now } = await target.observe(aStep(canary));
    t.deepEqual(await target.promote(step, { revision, flaggerId: ids[1] }), { kind: 'revisionMoved', now });
    t.is((await primary()).metadata.generation, generation);
  });

  test(`${kind}: nothing is written for a step that has lost its fence`, async (t) => {
    const { canary, target, requests } = await setUp('fenced');
    const before = requests.length;
    const lost = new Error('lease lost');
    const step = aStep(canary, { fence: () => Promise.reject(lost) });
    const making = target.ensurePrimary(step, { follow: false, flaggerId: ids[0] });
    t.is(await t.throwsAsync(making), lost);
    t.is(await t.throwsAsync(target.scale(step, 'zero')), lost);
    t.deepEqual(writesAmong(requests.slice(before)), []);
  });

  test(`${kind}: the selector tells the pods of target and primary apart`, async (t) => {
    const { canary, target, primary } = await setUp('selected');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    const { label, value, ports } = await target.selector(aStep(canary));
    t.deepEqual(ports, [{ name: 'http', port: 9898 }]);
    const marked = { matchLabels: { [label]: `${value}-primary` } };
    t.like(await primary(), { spec: { selector: marked, template: { metadata: { labels: marked.matchLabels } } } });
  });

  test(`${kind}: at the end of its Canary a target gets as many pods as its primary has, and keeps more`, async (t) => {
    const { canary, target, requests } = await setUp('restored');
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: ids[0] });
    await target.scale(aStep(canary), 'zero');
    t.is((await target.restore(aStep(canary), { raise: true })).kind, 'waiting', 'its pods are only just asked for');
    t.is((await target.observe(aStep(canary))).target.replicas, 2);
    const before = requests.length;
    await target.restore(aStep(canary), { raise: true });
    await target.restore(aStep(canary), { raise: false });
    t.deepEqual(writesAmong(requests.slice(before)), []);
  });

  test(`${kind}: a target whose primary is gone gets pods all the same`, async (t) => {
    const { canary, target } = await setUp('restored-alone');
    await target.scale(aStep(canary), 'zero');
    await target.restore(aStep(canary), { raise: false });
    t.true((await target.observe(aStep(canary))).target.replicas >= 1);
  });
}
