/** What every router with a route object must do, whatever the object is. Runs on a real API server. */
import type { ExecutionContext } from 'ava';
import type { Canary, Weights } from '../../canary/canary.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../../worker/context.ts';
import type { Router } from '../../worker/routers/router.ts';
import type { CanaryOptions } from '../support/a-canary.ts';
import { aStep, type StepOptions } from '../support/a-step.ts';
import { writesAmong } from '../support/light-client.ts';
import { routerRestoreContract } from './router-restore.contract.ts';

/** One router with a Canary in a namespace of its own. */
export interface RouterFixture {
  readonly canary: Canary;
  readonly router: Router;
  /** The same Canary after its user has edited it. */
  readonly edited: (options: CanaryOptions) => Canary;
  /** Requests of the router so far. */
  readonly requests: readonly string[];
  /** The test's own hands in the cluster. */
  readonly user: KubernetesClient;
  readonly route: ObjectName;
}

export interface RouterSubject {
  readonly kind: string;
  readonly resource: Resource;
  /** Prepares the cluster, then makes a fixture; the argument names its namespace. */
  readonly setUp: (name: string) => Promise<RouterFixture>;
  readonly weightsOf: (route: KubernetesObject) => unknown;
  /** A spec in which somebody has changed weights and more, as a merge patch. */
  readonly drift: (route: KubernetesObject) => Record<string, unknown>;
  /** Cluster-scoped routes can't have an owner in a namespace. */
  readonly hasOwner: boolean;
}

/** ava's `test.serial`. */
type Register = (title: string, run: (t: ExecutionContext) => Promise<void>) => void;

export const split = (canary: number): Weights => ({ primary: 100 - canary, canary, mirrored: false });

/** A time at which everything that the tests made a moment ago is old enough. */
const later = Date.now() + 3_600_000;
const stepOf = (canary: Canary, options: StepOptions = {}) => aStep(canary, { now: later, ...options });

const read = ({ user, route }: RouterFixture, { resource }: RouterSubject): Promise<KubernetesObject> =>
  user.get(resource, route);

/** For providers whose route is an object that the Canary creates. */
export function routerContract(test: Register, subject: RouterSubject): void {
  const { kind, setUp, weightsOf, resource } = subject;
  routerRestoreContract(test, subject);
  weightsContract(test, subject);

  test(`${kind}: a route is created with the given weights, 0 included, and marked as the Canary's`, async (t) => {
    const fixture = await setUp('created');
    const { canary, router } = fixture;
    await router.ensure(stepOf(canary), split(0));
    const route = await read(fixture, subject);
    t.deepEqual(weightsOf(route), [100, 0]);
    t.is(route.metadata.annotations?.['kustomize.toolkit.fluxcd.io/reconcile'], 'disabled');
    t.is(route.metadata.annotations?.['helm.toolkit.fluxcd.io/driftDetection'], 'disabled');
    t.is(route.metadata.annotations?.['example.com/of-apex'], 'kept');
    const owners = (route.metadata.ownerReferences ?? []).map(({ uid, controller }) => ({ uid, controller }));
    t.deepEqual(owners, subject.hasOwner ? [{ uid: canary.uid, controller: true }] : []);
  });

  test(`${kind}: the write that takes the canary its last share says so, once`, async (t) => {
    const { canary, router } = await setUp('drained');
    const took = async (share: number): Promise<boolean> =>
      (await router.ensure(stepOf(canary), split(share))).tookTraffic ?? false;
    t.deepEqual(
      [await took(0), await took(40), await took(10), await took(0), await took(0)],
      [false, false, false, true, false],
    );
  });

  test(`${kind}: a key that the Canary no longer has goes away, an unmanaged one keeps its live value`, async (t) => {
    const fixture = await setUp('own-keys');
    const service = { apex: { labels: { release: 'one', tier: 'web' } } };
    await fixture.router.ensure(stepOf(fixture.edited({ service })), split(0));
    await fixture.user.mergePatch(resource, fixture.route, { patch: { metadata: { labels: { tier: 'edge' } } } });
    const changed = { apex: { labels: { tier: 'web' } }, unmanagedMetadata: { labels: ['tier'] } };
    await fixture.router.ensure(stepOf(fixture.edited({ service: changed })), split(0));
    const { labels = {} } = (await read(fixture, subject)).metadata;
    t.false('release' in labels);
    t.is(labels['tier'], 'edge');
  });

  test(`${kind}: a route of somebody else is refused and stays as it is`, async (t) => {
    const fixture = await setUp('foreign');
    const made = await fixture.router.ensure(stepOf(fixture.canary), split(0)).then(() => read(fixture, subject));
    await fixture.user.delete(resource, fixture.route);
    const { name, namespace } = made.metadata;
    const foreign = { ...made, metadata: { name, ...(namespace && { namespace }) } };
    const before = await fixture.user.create(resource, foreign);
    const error = await t.throwsAsync(fixture.router.ensure(stepOf(fixture.canary), split(10)), {
      instanceOf: AdapterError,
    });
    t.is(error.reason, 'routeConflict');
    t.regex(error.message, new RegExp(`^${subject.resource.kind} .*${name} exists and does not belong to canary `));
    t.is((await read(fixture, subject)).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  test(`${kind}: a route that the reference took over counts as the Canary's`, async (t) => {
    const fixture = await setUp('taken-over');
    await fixture.router.ensure(stepOf(fixture.canary), split(0));
    const made = await read(fixture, subject);
    await fixture.user.delete(resource, fixture.route);
    const { name, namespace, annotations = {} } = made.metadata;
    const taken = { ...made, metadata: { name, ...(namespace && { namespace }), annotations } };
    await fixture.user.create(resource, taken);
    await fixture.router.ensure(stepOf(fixture.canary), split(40));
    const route = await read(fixture, subject);
    t.deepEqual(weightsOf(route), [60, 40]);
    t.is(route.metadata.ownerReferences, undefined, 'it was not ours to delete before, and is not now');
  });

  test(`${kind}: a route that is being deleted is waited for`, async (t) => {
    const fixture = await setUp('deleted');
    await fixture.router.ensure(stepOf(fixture.canary), split(0));
    const finalizers = (value: string[] | null) => ({ patch: { metadata: { finalizers: value } } });
    await fixture.user.mergePatch(resource, fixture.route, finalizers(['example.com/wait']));
    await fixture.user.delete(resource, fixture.route);
    const error = await t.throwsAsync(fixture.router.ensure(stepOf(fixture.canary), split(10)), {
      instanceOf: AdapterError,
    });
    t.is(error.reason, 'unavailable');
    await fixture.user.mergePatch(resource, fixture.route, finalizers(null));
    await fixture.router.ensure(stepOf(fixture.canary), split(10));
    t.deepEqual(weightsOf(await read(fixture, subject)), [90, 10]);
  });
}

/** For every provider with weights, whatever object it writes them into. */
export function weightsContract(test: Register, subject: RouterSubject): void {
  const { kind, setUp, weightsOf, resource } = subject;

  test(`${kind}: every weight is written as it is given, and the pair sums to 100`, async (t) => {
    const fixture = await setUp('shifted');
    for (const share of [5, 50, 100, 0]) {
      await fixture.router.ensure(stepOf(fixture.canary), split(share));
      t.deepEqual(weightsOf(await read(fixture, subject)), [100 - share, share]);
    }
  });

  test(`${kind}: a route that is as it should be is not written`, async (t) => {
    const fixture = await setUp('unchanged');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const before = await read(fixture, subject);
    const asked = fixture.requests.length;
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    t.is((await read(fixture, subject)).metadata.resourceVersion, before.metadata.resourceVersion);
    t.deepEqual(writesAmong(fixture.requests.slice(asked)), []);
  });

  test(`${kind}: a drifted route gets the weights of the run back, not 100/0`, async (t) => {
    const fixture = await setUp('drifted');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const before = await read(fixture, subject);
    await fixture.user.mergePatch(resource, fixture.route, { patch: subject.drift(before) });
    t.notDeepEqual(weightsOf(await read(fixture, subject)), [70, 30]);
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const after = await read(fixture, subject);
    t.deepEqual(after['spec'], before['spec']);
  });

  test(`${kind}: labels and annotations of others stay through every write`, async (t) => {
    const fixture = await setUp('foreign-keys');
    await fixture.router.ensure(stepOf(fixture.canary), split(0));
    const metadata = { labels: { team: 'shop' }, annotations: { 'example.com/note': 'hands off' } };
    await fixture.user.mergePatch(resource, fixture.route, { patch: { metadata } });
    await fixture.router.ensure(stepOf(fixture.canary), split(20));
    const route = await read(fixture, subject);
    t.is(route.metadata.labels?.['team'], 'shop');
    t.is(route.metadata.annotations?.['example.com/note'], 'hands off');
    t.deepEqual(weightsOf(route), [80, 20]);
  });

  test(`${kind}: a route that another has changed since it was read is a conflict, and keeps the change`, async (t) => {
    const fixture = await setUp('stale');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const rolledBack = stepOf(fixture.canary);
    const fence = async (): Promise<void> => {
      await fixture.router.ensure(rolledBack, split(0));
    };
    const error = await t.throwsAsync(fixture.router.ensure(stepOf(fixture.canary, { fence }), split(40)));
    t.true(isKubernetesError(error, 'conflict'), error?.message);
    t.deepEqual(weightsOf(await read(fixture, subject)), [100, 0]);
  });

  test(`${kind}: a change of labels or status between read and write is no conflict`, async (t) => {
    const fixture = await setUp('busy');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    let touched = 0;
    const fence = async (): Promise<void> => {
      touched += 1;
      if (touched > 1) return;
      await fixture.user.mergePatch(resource, fixture.route, { patch: { metadata: { labels: { seen: 'yes' } } } });
    };
    await fixture.router.ensure(stepOf(fixture.canary, { fence }), split(40));
    const route = await read(fixture, subject);
    t.deepEqual(weightsOf(route), [60, 40]);
    t.is(route.metadata.labels?.['seen'], 'yes');
    t.is(touched, 2);
  });

  test(`${kind}: a step that may no longer write writes nothing`, async (t) => {
    const fixture = await setUp('fenced');
    await fixture.router.ensure(stepOf(fixture.canary), split(30));
    const fence = () => Promise.reject(new AdapterError('conflict', 'the lease is gone'));
    await t.throwsAsync(fixture.router.ensure(stepOf(fixture.canary, { fence }), split(40)), {
      message: 'the lease is gone',
    });
    t.deepEqual(weightsOf(await read(fixture, subject)), [70, 30]);
  });
}
