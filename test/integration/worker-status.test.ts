import test from 'ava';
import type { Action } from '../../canary/action.ts';
import type { Announcement, CanaryStatus } from '../../canary/canary.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { canaryLoops, createCanaryIndex } from '../../worker/reads/canary-index.ts';
import { createExamine } from '../../worker/step/examine.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { script, statusOn, takeStepOn } from '../support/step-on-cluster.ts';
import type { TestStep } from '../support/step-on-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

const weights = { primary: 90, canary: 10, mirrored: false };

const takeStep = (step: TestStep) => takeStepOn(cluster, step);
const statusOf = (namespace: string) => statusOn(cluster, namespace);

const event: Announcement = {
  kind: 'event',
  id: 'e1',
  type: 'Normal',
  message: 'Advance podinfo.test canary weight 10',
  phase: 'Progressing',
  checksum: '55877b9d78',
};

const full: CanaryStatus = {
  phase: 'Progressing',
  failedChecks: 1,
  canaryWeight: 10,
  iterations: 0,
  sessionAffinityCookie: 'a=b',
  trackedConfigs: { 'configmap/podinfo': '484637c76acaa7c6' },
  lastAppliedSpec: 'v1-abc',
  lastPromotedSpec: 'v1-def',
  lastTransitionTime: '2026-01-02T03:04:05.000Z',
  conditions: [
    {
      type: 'Promoted',
      status: 'Unknown',
      reason: 'Progressing',
      message: 'New revision detected, progressing canary analysis.',
      lastUpdateTime: '2026-01-02T03:04:05.000Z',
      lastTransitionTime: '2026-01-02T03:04:05.000Z',
    },
  ],
  observedGeneration: 1,
  run: {
    id: '0123456789ab',
    lastStepTime: '2026-01-02T03:04:05.678Z',
    lastSlot: 58_900_123,
    waitingSince: '2026-01-02T03:04:05.678Z',
    decision: { kind: 'rollback', cause: 'FailedChecks' },
    checkErrors: 2,
    mirrored: false,
    owed: 'Failed',
    said: ['a'],
  },
  outbox: [],
};

test.serial('everything that a step saves is read back as it was', async (t) => {
  const namespace = await cluster.namespace('roundtrip');
  await cluster.canary({ namespace });
  const alert: Announcement = { kind: 'alert', id: 'a1', severity: 'warn', message: 'hello', withMetadata: true };
  const count: Announcement = { kind: 'count', id: 'c1', outcome: 'failure', analysis: 'completed' };
  const { end } = await takeStep({ namespace, advance: script([], () => full, [event, alert, count]) });
  t.like(end, { kind: 'taken', outcome: 'advanced', phase: 'Progressing' });
  t.deepEqual(await statusOf(namespace), { ...full, outbox: [event, alert, count] });
});

test.serial('a settled step is one request and no write', async (t) => {
  const namespace = await cluster.namespace('settled');
  await cluster.canary({ namespace, status: { phase: 'Succeeded' } });
  cluster.requests.length = 0;
  const { end } = await takeStep({ namespace });
  t.like(end, { kind: 'taken', outcome: 'settled', phase: 'Succeeded' });
  t.deepEqual(cluster.requests, ['get canaries.flagger.app']);
});

test.serial('an outbox is delivered by the next step, cleared by one write, and left alone from then on', async (t) => {
  const namespace = await cluster.namespace('outbox');
  await cluster.canary({ namespace, status: { phase: 'Succeeded', outbox: [event] } });
  cluster.requests.length = 0;
  const first = await takeStep({ namespace });
  const second = await takeStep({ namespace });
  t.deepEqual(first.delivered, [event]);
  t.deepEqual(second.delivered, []);
  t.deepEqual(cluster.requests, [
    'get canaries.flagger.app',
    'replace canaries.flagger.app',
    'get canaries.flagger.app',
  ]);
});

test.serial('a step that is overtaken before it records a decision does nothing more', async (t) => {
  const namespace = await cluster.namespace('overtaken');
  await cluster.canary({ namespace, status: { phase: 'Progressing', canaryWeight: 20 } });
  const effects: string[] = [];
  const decided: Action = { kind: 'record', status: { ...full, canaryWeight: 20 }, announcements: [event] };
  const { end, delivered } = await takeStep({
    namespace,
    advance: script([{ kind: 'ensureServices' }, decided, { kind: 'ensureRoutes', weights }], () => full),
    adapters: {
      ensureServices: async () => {
        effects.push('services');
        const now = await cluster.read(namespace);
        await cluster.user.replaceStatus(canaries, {
          ...now,
          status: { phase: 'Failed', canaryWeight: 0, failedChecks: 5, iterations: 0 },
        });
        return null;
      },
      ensureRoutes: async () => {
        effects.push('routes');
        return null;
      },
    },
  });
  t.like(end, { kind: 'taken', outcome: 'conflict' });
  t.deepEqual(effects, ['services']);
  t.deepEqual(delivered, []);
  t.like(await statusOf(namespace), { phase: 'Failed', canaryWeight: 0 });
});

test.serial('a step that is overtaken before its end saves and announces nothing', async (t) => {
  const namespace = await cluster.namespace('overtaken-late');
  await cluster.canary({ namespace, status: { phase: 'Progressing', canaryWeight: 20 } });
  const { end, delivered } = await takeStep({
    namespace,
    advance: script([{ kind: 'ensureServices' }], () => full, [event]),
    adapters: {
      ensureServices: async () => {
        await cluster.user.mergePatch(
          canaries,
          { namespace, name: 'podinfo' },
          { patch: { metadata: { labels: { a: 'b' } } } },
        );
        return null;
      },
    },
  });
  t.like(end, { kind: 'taken', outcome: 'conflict' });
  t.deepEqual(delivered, []);
  t.like(await statusOf(namespace), { canaryWeight: 20 });
});

test.serial('a step goes on after a decision that it recorded itself', async (t) => {
  const namespace = await cluster.namespace('recorded');
  await cluster.canary({ namespace, status: { phase: 'Progressing', canaryWeight: 20 } });
  const decided: Action = { kind: 'record', status: { ...full, canaryWeight: 20 }, announcements: [event] };
  const { end, delivered } = await takeStep({
    namespace,
    advance: script([decided], () => ({ ...full, phase: 'Failed', canaryWeight: 0 })),
  });
  t.like(end, { kind: 'taken', outcome: 'advanced', phase: 'Failed' });
  t.deepEqual(delivered, [event]);
  t.like(await statusOf(namespace), { phase: 'Failed', canaryWeight: 0, outbox: [] });
});

test.serial('a Canary that is deleted during its step ends the step', async (t) => {
  const namespace = await cluster.namespace('deleted');
  await cluster.canary({ namespace, status: { phase: 'Progressing' } });
  const { end } = await takeStep({
    namespace,
    advance: script([{ kind: 'ensureServices' }], () => full),
    adapters: {
      ensureServices: async () => {
        await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
        return null;
      },
    },
  });
  t.like(end, { kind: 'taken', outcome: 'conflict' });
});

test.serial('a Canary that may not run is told why, once, and nothing else is written', async (t) => {
  const namespace = await cluster.namespace('refused');
  await cluster.canary({ namespace, spec: { provider: 'appmesh' }, status: { phase: 'Succeeded', canaryWeight: 0 } });
  cluster.requests.length = 0;
  const first = await takeStep({ namespace });
  const second = await takeStep({ namespace });
  t.like(first.end, { kind: 'taken', outcome: 'invalid' });
  t.is(first.delivered.length, 1);
  t.regex(JSON.stringify(first.delivered[0]), /invalid canary spec: spec\.provider: appmesh is not supported/);
  const { conditions, phase } = await statusOf(namespace);
  t.is(phase, 'Succeeded');
  const stalled = conditions.find(({ type }) => type === 'Stalled');
  t.like(stalled, { status: 'True', reason: 'ProviderUnsupported' });
  // What the first step saved is delivered once more by id, then cleared.
  t.deepEqual(second.delivered, first.delivered);
  t.deepEqual(cluster.requests, [
    'get canaries.flagger.app',
    'replace canaries.flagger.app',
    'get canaries.flagger.app',
    'replace canaries.flagger.app',
  ]);
});

test.serial('the newer of two Canaries with one target is refused, the older one goes on', async (t) => {
  const namespace = await cluster.namespace('rivals');
  const target = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } };
  await cluster.canary({ namespace, name: 'a-first', spec: target });
  await cluster.canary({ namespace, name: 'b-second', spec: target });
  const index = createCanaryIndex({
    namespaces: [],
    defaultProvider: 'kuma',
    openLoop: canaryLoops({ client: cluster.client, clock, random: Math.random, log }),
    log,
  });
  index.start();
  await index.whenSynced(AbortSignal.timeout(10_000));
  const withIndex = createExamine({
    defaultProvider: 'kuma',
    allowedNamespaces: [],
    stepTimeoutMs: 60_000,
    claims: (claim) => index.withTargetOf(claim),
  });
  const first = await takeStep({ namespace, name: 'a-first', examine: withIndex });
  const second = await takeStep({ namespace, name: 'b-second', examine: withIndex });
  await index.stop();
  t.like(first.end, { outcome: 'settled' });
  t.like(second.end, { outcome: 'invalid' });
  const { status } = await cluster.read(namespace, 'b-second');
  t.regex(JSON.stringify(status), /"reason":"TargetConflict".*already the target of the older canary a-first\.rivals/);
});
