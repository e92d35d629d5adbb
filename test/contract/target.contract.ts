/** What every kind of target must do, whatever it is made of. Runs on a real API server. */
import type { ExecutionContext } from 'ava';
import type { Canary } from '../../canary/canary.ts';
import { flaggerId } from '../../canary/identity.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
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
  /** Pods that a running target asks for. Default 2. */
  readonly pods?: number;
}

/** What the rules would ask with: the id of the revision that the target is now. */
async function wantedNow({ canary, target }: TargetFixture) {
  const { revision } = await target.observe(aStep(canary));
  return { revision, flaggerId: flaggerId(canary, revision) };
}

/** ava's `test` or `test.serial`. */
type Register = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

/** @param setUp makes a target in a namespace that is named after the argument */
type SetUpTarget = (name: string) => Promise<TargetFixture>;

/** For kinds that have pods of their own; `setUp` gives the target two replicas. */
export function targetContract(test: Register, kind: string, setUp: SetUpTarget): void {
  revisionContract(test, kind, setUp);

  test(`${kind}: scaling is absolute and repeats without a write`, async (t) => {
    const fixture = await setUp('scaled');
    const { canary, target, requests } = fixture;
    await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
    for (const [to, replicas] of [['zero', 0] as const, ['running', fixture.pods ?? 2] as const]) {
      await target.scale(aStep(canary), to);
      const before = requests.length;
      await target.scale(aStep(canary), to);
      t.deepEqual(writesAmong(requests.slice(before)), [], to);
      t.is((await target.observe(aStep(canary))).target.replicas, replicas);
    }
  });

  test(`${kind}: a primary that is made of a parked target has pods to run, and takes a promotion`, async (t) => {
    const fixture = await setUp('adopted');
    const { canary, target, release } = fixture;
    await target.scale(aStep(canary), 'zero');
    await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, replicas: 1 });
    await release();
    t.deepEqual(await target.promote(aStep(canary), await wantedNow(fixture)), { kind: 'copied' });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, replicas: 1 });
    t.is((await target.observe(aStep(canary))).target.replicas, 0, 'its target stays parked');
  });

  test(`${kind}: nothing is scaled for a step that has lost its fence`, async (t) => {
    const { canary, target, requests } = await setUp('fenced-scale');
    const before = requests.length;
    const lost = new Error('lease lost');
    t.is(await t.throwsAsync(target.scale(aStep(canary, { fence: () => Promise.reject(lost) }), 'zero')), lost);
    t.deepEqual(writesAmong(requests.slice(before)), []);
  });

  test(`${kind}: the selector tells the pods of target and primary apart`, async (t) => {
    const fixture = await setUp('selected');
    const { canary, target, primary } = fixture;
    await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
    const { label, value, ports } = (await target.selector(aStep(canary))) ?? { label: '', value: '', ports: [] };
    t.deepEqual(ports, [{ name: 'http', port: 9898 }]);
    const marked = { matchLabels: { [label]: `${value}-primary` } };
    t.like(await primary(), { spec: { selector: marked, template: { metadata: { labels: marked.matchLabels } } } });
  });

  test(`${kind}: at the end of its Canary a target gets as many pods as its primary has, and keeps more`, async (t) => {
    const fixture = await setUp('restored');
    const { canary, target, requests } = fixture;
    await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
    await target.scale(aStep(canary), 'zero');
    t.is((await target.restore(aStep(canary), { raise: true })).kind, 'waiting', 'its pods are only just asked for');
    t.is((await target.observe(aStep(canary))).target.replicas, fixture.pods ?? 2);
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

/** For every kind: how a primary comes to be, follows and is promoted. */
export function revisionContract(test: Register, kind: string, setUp: SetUpTarget): void {
  test(`${kind}: a target has no primary until it is asked for one`, async (t) => {
    const { canary, target } = await setUp('absent');
    const fact = await target.observe(aStep(canary));
    t.is(fact.primary, undefined);
    t.regex(fact.revision.template, /^v1-[0-9a-f]{16}$/);
    t.true(fact.target.replicas > 0);
  });

  test(`${kind}: the primary is made once and equals its target`, async (t) => {
    const fixture = await setUp('made');
    const { canary, target, requests, primary } = fixture;
    const wanted = await wantedNow(fixture);
    await target.ensurePrimary(aStep(canary), { follow: false, ...wanted });
    const first = await primary();
    const before = requests.length;
    await target.ensurePrimary(aStep(canary), { follow: false, ...wanted });
    await target.ensurePrimary(aStep(canary), { follow: true, ...wanted });
    t.deepEqual(writesAmong(requests.slice(before)), []);
    t.is((await primary()).metadata.uid, first.metadata.uid);
    const fact = await target.observe(aStep(canary));
    t.like(fact.primary, { equalsTarget: true, flaggerId: wanted.flaggerId });
    t.true((fact.primary?.replicas ?? 0) > 0);
  });

  test(`${kind}: an existing primary moves only when it is told to follow`, async (t) => {
    const fixture = await setUp('follow');
    const { canary, target, release } = fixture;
    const first = await wantedNow(fixture);
    await target.ensurePrimary(aStep(canary), { follow: false, ...first });
    await release();
    const next = await wantedNow(fixture);
    await target.ensurePrimary(aStep(canary), { follow: false, ...next });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: false, flaggerId: first.flaggerId });
    await target.ensurePrimary(aStep(canary), { follow: true, ...next });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, flaggerId: next.flaggerId });
  });

  test(`${kind}: a revision is named by the template alone, and every release has a name of its own`, async (t) => {
    const fixture = await setUp('named');
    const { canary, target, release } = fixture;
    const { revision, flaggerId: id } = await wantedNow(fixture);
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: id });
    await target.scale(aStep(canary), 'zero');
    t.deepEqual((await target.observe(aStep(canary))).revision, revision);
    await release();
    t.notDeepEqual((await target.observe(aStep(canary))).revision, revision);
  });

  test(`${kind}: a promotion copies the wanted revision, and its repetition writes nothing`, async (t) => {
    const fixture = await setUp('promoted');
    const { canary, target, requests, release, primary } = fixture;
    await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
    await release();
    const wanted = await wantedNow(fixture);
    t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true, flaggerId: wanted.flaggerId });
    const { generation } = (await primary()).metadata;
    const before = requests.length;
    t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
    t.deepEqual(writesAmong(requests.slice(before)), []);
    t.is((await primary()).metadata.generation, generation);
  });

  test(`${kind}: a target that moved on after it was observed is not promoted`, async (t) => {
    const fixture = await setUp('moved');
    const { canary, target, release } = fixture;
    const wanted = await wantedNow(fixture);
    await target.ensurePrimary(aStep(canary), { follow: false, ...wanted });
    const step = aStep(canary);
    await target.observe(step);
    await release();
    const { revision: now, flaggerId: next } = await wantedNow(fixture);
    const promoting = target.promote(step, { revision: wanted.revision, flaggerId: next });
    t.deepEqual(await promoting, { kind: 'revisionMoved', now });
    t.like((await target.observe(aStep(canary))).primary, { equalsTarget: false, flaggerId: wanted.flaggerId });
  });

  test(`${kind}: nothing is written for a step that has lost its fence`, async (t) => {
    const fixture = await setUp('fenced');
    const { canary, target, requests } = fixture;
    const wanted = await wantedNow(fixture);
    const before = requests.length;
    const lost = new Error('lease lost');
    const step = aStep(canary, { fence: () => Promise.reject(lost) });
    t.is(await t.throwsAsync(target.ensurePrimary(step, { follow: false, ...wanted })), lost);
    t.deepEqual(writesAmong(requests.slice(before)), []);
  });
}
