/** Knative Services on a real API server with Knative's definitions; its controller's part is played by the test. */
import test from 'ava';
import type { Weights } from '../../canary/canary.ts';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { knativeRevisions, knativeServices } from '../../platform/kubernetes/resources.ts';
import { createKnativeRoutes } from '../../worker/metrics/knative-route.ts';
import { createServicesOfTargets } from '../../worker/services/services-of-target.ts';
import { split, weightsContract } from '../contract/router.contract.ts';
import { revisionContract } from '../contract/target.contract.ts';
import { aCanary } from '../support/a-canary.ts';
import { aStep } from '../support/a-step.ts';
import { aKnativeTarget, installKnative } from '../support/knative-target.ts';
import type { KnativeFixture } from '../support/knative-target.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await installKnative(light);
});
test.after.always(() => light.close());

const setUp = (name: string, spec?: JsonRecord): Promise<KnativeFixture> => aKnativeTarget(light, name, spec);

const primaryKey = 'flagger.app/primary-revision';
const originalKey = 'aviary.dev/original-traffic';
const flaggerId = 'derived from the revision';

/** With a primary, as the end of a bootstrap leaves it. */
async function initialized(name: string, spec?: JsonRecord): Promise<KnativeFixture> {
  const fixture = await setUp(name, spec);
  const { canary, target, router, settle } = fixture;
  await target.ensurePrimary(aStep(canary), { follow: true, flaggerId });
  await router.ensure(aStep(canary), split(0));
  await settle();
  return fixture;
}

const trafficOf = (service: KubernetesObject): unknown => valueAt(service, 'spec', 'traffic');
const weightsOf = (service: KubernetesObject) =>
  arrayAt(service, 'spec', 'traffic')
    .map((entry) => valueAt(entry, 'percent'))
    .toReversed();

const shared = (canary: number, primary = 'podinfo-00001') => [
  { latestRevision: true, percent: canary },
  { revisionName: primary, percent: 100 - canary },
];

revisionContract(test.serial, 'Knative', (name) => setUp(name));

weightsContract(test.serial, {
  kind: 'knative',
  resource: knativeServices,
  hasOwner: false,
  setUp: async (name) => {
    const fixture = await initialized(`route-${name}`);
    const { router, settle, canaryWith } = fixture;
    const ensure = async (step: ReturnType<typeof aStep>, weights: Weights) => {
      const remarks = await router.ensure(step, weights);
      await settle();
      return remarks;
    };
    return { ...fixture, edited: canaryWith, user: light.user, router: { ...router, ensure } };
  },
  weightsOf,
  drift: () => ({ spec: { traffic: shared(93) } }),
});

test.serial(
  'a primary is the revision that the annotation names; nothing else of the Service is changed',
  async (t) => {
    const { canary, target, router, service, release, requests } = await setUp('bootstrap');
    const before = await service();
    await target.ensurePrimary(aStep(canary), { follow: false, flaggerId });
    t.is(trafficOf(await service()), undefined, 'the traffic is moved only when the primary is known to be ready');
    await router.ensure(aStep(canary), split(0));
    const after = await service();
    t.deepEqual(after.metadata.annotations, { [primaryKey]: 'podinfo-00001', [originalKey]: '[]' });
    t.deepEqual(trafficOf(after), shared(0));
    t.deepEqual(valueAt(after, 'spec', 'template'), valueAt(before, 'spec', 'template'));
    t.is(after.metadata.ownerReferences, undefined);

    await release();
    const asked = requests.length;
    await target.scale(aStep(canary), 'running');
    await target.scale(aStep(canary), 'zero');
    t.deepEqual(requests.slice(asked), [], 'pods are Knative’s business');
    const { revision } = await target.observe(aStep(canary));
    await target.promote(aStep(canary), { revision, flaggerId });
    t.is((await service()).metadata.annotations?.[primaryKey], 'podinfo-00002');
    t.deepEqual(trafficOf(await service()), shared(0), 'the route follows in a step of its own');
  },
);

test.serial('a step on Knative makes no Service and asks for no endpoints', async (t) => {
  const { canary, target, requests } = await setUp('services');
  const asked = requests.length;
  const adapter = createServicesOfTargets({
    client: light.client,
    selectorOf: (step) => target.selector(step),
    includeLabelPrefixes: [],
  })(canary);
  t.deepEqual(await adapter.ensurePair(aStep(canary)), {});
  t.deepEqual(await adapter.ensureApex(aStep(canary)), {});
  t.like(await adapter.endpoints(aStep(canary)), { primary: 1, apexServesPrimary: true });
  t.deepEqual(await adapter.restoreApex(aStep(canary)), { changed: false, leadsToTarget: false });
  t.deepEqual(requests.slice(asked), []);
});

test.serial('readiness is that of the revisions: the newest is the canary, the named one the primary', async (t) => {
  const { canary, target, release, tell } = await initialized('readiness');
  const seen = async (now = Date.UTC(2026, 0, 2)) => {
    const fact = await target.observe(aStep(canary, { now }));
    return [fact.target.readiness, fact.primary?.readiness];
  };
  await release();
  t.deepEqual(await seen(), [{ kind: 'ready' }, { kind: 'ready' }]);
  await tell('podinfo-00002', { status: 'Unknown', reason: 'Deploying' });
  t.deepEqual((await seen())[0], { kind: 'waiting', why: 'revision podinfo-00002 is not ready: Deploying' });
  const lastTransitionTime = '2026-01-02T00:00:00Z';
  await tell('podinfo-00001', { status: 'False', reason: 'Crash', message: 'exit 1', lastTransitionTime });
  const why = 'revision podinfo-00001 is not ready: Crash: exit 1';
  t.deepEqual((await seen())[1], { kind: 'waiting', why });
  t.deepEqual((await seen(Date.UTC(2026, 0, 2, 0, 1, 1)))[1], { kind: 'stuck', why }, 'the deadline is 60 s');
});

test.serial('a primary that was deleted counts as absent and is named anew', async (t) => {
  const { canary, target, namespace, release } = await initialized('deleted-revision');
  await release();
  await light.user.delete(knativeRevisions, { namespace, name: 'podinfo-00001' });
  t.is((await target.observe(aStep(canary))).primary, undefined);
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId });
  t.true((await target.observe(aStep(canary))).primary?.equalsTarget);
});

test.serial('a Service without a revision, and one that does not exist, say so', async (t) => {
  const { canary, target, router, edit, namespace } = await setUp('missing');
  t.like(await t.throwsAsync(router.ensure(aStep(canary), split(0))), {
    reason: 'unavailable',
    message:
      `Knative Service ${namespace}/podinfo: expected annotation ${primaryKey}, got none: ` +
      'waiting until it names the primary',
  });
  await light.user.patchStatus(
    knativeServices,
    { namespace, name: 'podinfo' },
    { patch: { status: { latestCreatedRevisionName: null } } },
  );
  await edit({ metadata: { annotations: { any: 'change' } } });
  t.like(await t.throwsAsync(target.observe(aStep(canary))), {
    reason: 'unavailable',
    message:
      `Knative Service ${namespace}/podinfo: expected status.latestCreatedRevisionName, got none: ` +
      'waiting until Knative has made a revision',
  });
  await light.user.delete(knativeServices, { namespace, name: 'podinfo' });
  const message = `Knative Service podinfo.${namespace} get query error: there is no such object`;
  t.like(await t.throwsAsync(target.observe(aStep(canary))), { reason: 'notFound', message });
  t.deepEqual(await target.restore(aStep(canary), { raise: true }), { kind: 'gone' });
  t.deepEqual(await router.restore(aStep(canary)), { changed: false });
});

test.serial('no further share is given while Knative lags behind, and all of it may always go back', async (t) => {
  const { canary, canaryWith, router, settle, service, release, namespace } = await initialized('lag');
  await release();
  const refused = async (attempt: Promise<unknown>) => (await t.throwsAsync(attempt)).message;
  await router.ensure(aStep(canary), split(10));
  const running = canaryWith({ status: { phase: 'Progressing', canaryWeight: 10 } });
  const id = `Knative Service ${namespace}/podinfo`;
  t.regex(
    await refused(router.ensure(aStep(running), split(10))),
    new RegExp(`^${id} is not ready: it has not taken up version \\d+ of its spec yet, only \\d+$`),
  );
  const { generation } = (await service()).metadata;
  const route = { namespace, name: 'podinfo' };
  await light.user.patchStatus(knativeServices, route, { patch: { status: { observedGeneration: generation } } });
  t.is(
    await refused(router.ensure(aStep(running), split(20))),
    `${id} is not ready: expected status.traffic to send 90% to podinfo-00001, 10% to podinfo-00002, got 100% to podinfo-00001`,
  );
  t.deepEqual(weightsOf(await service()), [90, 10]);
  await settle();
  await router.ensure(aStep(running), split(20));
  t.deepEqual(weightsOf(await service()), [80, 20]);
  await router.ensure(aStep(running), split(0));
  t.deepEqual(weightsOf(await service()), [100, 0]);
});

test.serial('while it lags behind, a list that somebody else wrote is repaired at once', async (t) => {
  const { canaryWith, router, service, edit } = await initialized('lag-drift');
  await edit({ spec: { traffic: [{ latestRevision: true, percent: 100 }] } });
  await router.ensure(aStep(canaryWith({ status: { phase: 'Progressing', canaryWeight: 10 } })), split(10));
  t.deepEqual(weightsOf(await service()), [90, 10]);
});

test.serial('the traffic that a user had is stored once and comes back with the end of the Canary', async (t) => {
  const traffic = [
    { revisionName: 'podinfo-00001', percent: 100, tag: 'current' },
    { latestRevision: true, percent: 0, tag: 'next' },
  ];
  const { canary, router, settle, service, edit, release, requests } = await initialized('restored', { traffic });
  await release();
  await router.ensure(aStep(canary), split(30));
  await settle();
  await edit({ spec: { traffic: [{ latestRevision: true, percent: 100 }] } });
  await router.ensure(aStep(canary), split(30));
  t.deepEqual(JSON.parse((await service()).metadata.annotations?.[originalKey] ?? ''), traffic);
  t.deepEqual(await router.restore(aStep(canary)), { changed: true });
  const after = await service();
  t.deepEqual(trafficOf(after), traffic);
  t.is(after.metadata.annotations, undefined);
  const asked = requests.length;
  t.deepEqual(await router.restore(aStep(canary)), { changed: false });
  t.deepEqual(writesAmong(requests.slice(asked)), []);
});

test.serial('a Canary taken over from the reference leaves all traffic with the newest revision', async (t) => {
  const { canary, target, router, service, edit } = await setUp('taken-over');
  await edit({ metadata: { annotations: { [primaryKey]: 'podinfo-00001' } }, spec: { traffic: shared(0) } });
  t.like((await target.observe(aStep(canary))).primary, { equalsTarget: true });
  await router.ensure(aStep(canary), split(0));
  t.deepEqual((await service()).metadata.annotations, { [primaryKey]: 'podinfo-00001' });
  t.deepEqual(await router.restore(aStep(canary)), { changed: true });
  t.deepEqual(trafficOf(await service()), [{ latestRevision: true, percent: 100 }]);
});

test.serial('queries are told the newest revision as route', async (t) => {
  const { canary, canaryWith, release } = await setUp('metrics');
  const routeOf = createKnativeRoutes(light.client);
  await release();
  t.is(await routeOf(aStep(canary)), 'podinfo-00002');
  const elsewhere = { provider: 'knative', targetRef: { ...canary.spec.target, name: 'nobody' } };
  t.like(await t.throwsAsync(routeOf(aStep(canaryWith({ spec: elsewhere })))), { name: 'RouteError' });
  t.is(await routeOf(aStep(aCanary())), undefined);
});

test.serial('a Canary that goes before it moved any traffic leaves the traffic alone', async (t) => {
  const traffic = [{ revisionName: 'podinfo-00001', percent: 100 }];
  const { canary, target, router, service } = await setUp('untouched', { traffic });
  await target.ensurePrimary(aStep(canary), { follow: true, flaggerId });
  t.deepEqual(await router.restore(aStep(canary)), { changed: true });
  t.deepEqual(trafficOf(await service()), traffic);
  t.is((await service()).metadata.annotations, undefined);
});
