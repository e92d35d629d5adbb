/** What becomes of routes at the end of their Canary, and of routes that a user had before it. Part of the router's contract. */
import type { ExecutionContext } from 'ava';
import { stableJson } from '../../platform/hash.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError } from '../../worker/context.ts';
import type { Canary, Weights } from '../../canary/canary.ts';
import { aStep, type StepOptions } from '../support/a-step.ts';
import { writesAmong } from '../support/light-client.ts';
import { find as findObject } from '../support/stored-object.ts';
import type { RouterFixture, RouterSubject } from './router.contract.ts';

/** ava's `test.serial`. */
type Register = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

const split = (canary: number): Weights => ({ primary: 100 - canary, canary, mirrored: false });

/** A time at which everything that the tests made a moment ago is old enough. */
const later = Date.now() + 3_600_000;
const stepOf = (canary: Canary, options: StepOptions = {}) => aStep(canary, { now: later, ...options });

const adopting = ({ canary }: RouterFixture): Canary => ({
  ...canary,
  annotations: { ...canary.annotations, 'aviary.dev/adopt': 'true' },
});

/** Without them a route does not count as taken over. */
const markers = ['helm.toolkit.fluxcd.io/driftDetection', 'kustomize.toolkit.fluxcd.io/reconcile'];
const original = 'flagger.kubernetes.io/original-configuration';

export function routerRestoreContract(test: Register, subject: RouterSubject): void {
  const { kind, setUp, weightsOf, resource } = subject;

  const find = ({ user, route }: RouterFixture): Promise<KubernetesObject | undefined> =>
    findObject(user, resource, route);

  /** A route that the user has: of the same kind and name, but no Canary's. */
  const usersRoute = async (fixture: RouterFixture): Promise<KubernetesObject> => {
    await fixture.router.ensure(stepOf(fixture.canary), split(0));
    const made = await fixture.user.get(resource, fixture.route);
    const drifted = await fixture.user.mergePatch(resource, fixture.route, { patch: subject.drift(made) });
    await fixture.user.delete(resource, fixture.route);
    const { name, namespace } = made.metadata;
    const metadata = { name, ...(namespace && { namespace }), labels: { team: 'shop' }, annotations: { note: 'mine' } };
    return fixture.user.create(resource, { ...drifted, metadata });
  };

  test(`${kind}: a route that the Canary created goes with it, and its absence is no failure`, async (t) => {
    const fixture = await setUp('end-created');
    t.deepEqual(await fixture.router.restore(stepOf(fixture.canary)), { changed: false });
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    t.deepEqual(await fixture.router.restore(stepOf(fixture.canary)), { changed: true });
    t.is(await find(fixture), undefined);
    t.deepEqual(await fixture.router.restore(stepOf(fixture.canary)), { changed: false });
  });

  test(`${kind}: a route of somebody else outlives the Canary as it is`, async (t) => {
    const fixture = await setUp('end-foreign');
    const before = await usersRoute(fixture);
    const asked = fixture.requests.length;
    t.deepEqual(await fixture.router.restore(stepOf(fixture.canary)), { changed: false });
    t.deepEqual(writesAmong(fixture.requests.slice(asked)), []);
    t.is((await find(fixture))?.metadata.resourceVersion, before.metadata.resourceVersion);
  });

  test(`${kind}: a refusal names the annotation that would take the route over`, async (t) => {
    const fixture = await setUp('adopt-named');
    await usersRoute(fixture);
    await t.throwsAsync(fixture.router.ensure(stepOf(fixture.canary), split(10)), {
      instanceOf: AdapterError,
      message: /or annotate the canary with aviary\.dev\/adopt: "true" to take it over$/,
    });
  });

  test(`${kind}: a route is adopted where the Canary says so, and is at its end what it was before`, async (t) => {
    const fixture = await setUp('adopted');
    const before = await usersRoute(fixture);
    const canary = adopting(fixture);
    for (const share of [0, 30]) {
      await fixture.router.ensure(stepOf(canary), split(share));
      const route = await find(fixture);
      t.deepEqual(weightsOf(route ?? before), [100 - share, share]);
      t.is(route?.metadata.ownerReferences, undefined);
      t.is(stableJson(JSON.parse(route?.metadata.annotations?.[original] ?? '')), stableJson(before['spec']));
    }
    t.deepEqual(await fixture.router.restore(stepOf(canary)), { changed: true });
    const after = await find(fixture);
    t.deepEqual(after?.['spec'], before['spec']);
    t.deepEqual(after?.metadata.labels, before.metadata.labels);
    t.deepEqual(after?.metadata.annotations, before.metadata.annotations);
    t.deepEqual(await fixture.router.restore(stepOf(canary)), { changed: false });
  });

  test(`${kind}: the first snapshot is kept through every repair, and when the user writes the route anew`, async (t) => {
    const fixture = await setUp('adopted-twice');
    const before = await usersRoute(fixture);
    const canary = adopting(fixture);
    for (const share of [10, 20]) {
      await fixture.router.ensure(stepOf(canary), split(share));
      const live = await fixture.user.get(resource, fixture.route);
      await fixture.user.mergePatch(resource, fixture.route, { patch: subject.drift(live) });
      await fixture.router.ensure(stepOf(canary), split(share));
      const annotations = Object.fromEntries(markers.map((key) => [key, null]));
      await fixture.user.mergePatch(resource, fixture.route, { patch: { metadata: { annotations } } });
      await fixture.router.ensure(stepOf(canary), split(share));
    }
    const asked = fixture.requests.length;
    await fixture.router.ensure(stepOf(canary), split(20));
    t.deepEqual(writesAmong(fixture.requests.slice(asked)), [], 'an adopted route costs no extra write');
    await fixture.router.restore(stepOf(canary));
    t.deepEqual((await find(fixture))?.['spec'], before['spec']);
  });

  test(`${kind}: an adopted route goes on without the annotation`, async (t) => {
    const fixture = await setUp('adopted-then');
    const before = await usersRoute(fixture);
    await fixture.router.ensure(stepOf(adopting(fixture)), split(10));
    await fixture.router.ensure(stepOf(fixture.canary), split(20));
    t.deepEqual(weightsOf((await find(fixture)) ?? before), [80, 20]);
    await fixture.router.restore(stepOf(fixture.canary));
    t.deepEqual((await find(fixture))?.['spec'], before['spec']);
  });

  if (subject.hasOwner) {
    test(`${kind}: a route of another Canary is not adopted`, async (t) => {
      const fixture = await setUp('adopt-other');
      await fixture.router.ensure(stepOf(fixture.canary), split(0));
      const other = { ...adopting(fixture), name: 'other', uid: '5e6f7a8b-0000-4000-8000-000000000000' };
      await t.throwsAsync(fixture.router.ensure(stepOf(other), split(10)), {
        instanceOf: AdapterError,
        message: /its owner: Canary podinfo\): remove or rename it, or set spec\.service\.name to another name$/,
      });
    });
  }

  test(`${kind}: nothing is given back by a step that may no longer write`, async (t) => {
    const fixture = await setUp('end-fenced');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const fence = () => Promise.reject(new AdapterError('conflict', 'the lease is gone'));
    await t.throwsAsync(fixture.router.restore(stepOf(fixture.canary, { fence })), { message: 'the lease is gone' });
    t.deepEqual(weightsOf(await fixture.user.get(resource, fixture.route)), [70, 30]);
  });
}
