/** Canaries that are deleted in mid-run, on a real API server and a real Redis: their places are free at once. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { keyText } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { canaryLoops, createCanaryIndex } from '../../worker/reads/canary-index.ts';
import { giveBackGone } from '../../worker/runs/gone-runs.ts';
import { keysOf } from '../../worker/runs/place-sets.ts';
import type { RunLimits } from '../../worker/runs/places.ts';
import { createRunPlaces } from '../../worker/runs/run-places.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { createFakeClock } from '../support/fake-clock.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster?.close());

const hourMs = 3_600_000;

/** Two workers that watch the cluster and share the places, whose clock stands still unless it is moved. */
async function twoWorkers(t: ExecutionContext, limits: RunLimits) {
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  const prefix = `{${randomUUID()}}`;
  const clock = createFakeClock();
  const openLoop = canaryLoops({ client: cluster.client, clock: systemClock, random: Math.random, log });
  const worker = async () => {
    const index = createCanaryIndex({ namespaces: [], defaultProvider: 'kuma', openLoop, log });
    const statuses = { running: () => index.running(), queued: () => index.queued() };
    const places = createRunPlaces({ redis, prefix, limits, clock, ...statuses });
    giveBackGone({ index, places, log });
    index.start();
    await index.whenSynced(AbortSignal.timeout(10_000));
    t.teardown(() => index.stop());
    return places;
  };
  const workers = [await worker(), await worker()] as const;
  t.teardown(() => redis.disconnect());
  const asksFirst = { namespace: 'nobody', name: 'asks-first', uid: '1a2b3c4d-0000' };
  await workers[0].admit(asksFirst, 0);
  await clock.advance(20_000);
  await workers[0].admit(asksFirst, 0);
  await workers[0].leave(asksFirst);
  const taken = () => redis.zrange(keysOf(prefix).runs, '0', '-1');
  return { workers, clock, taken };
}

/** Makes a Canary whose status says that a run of it goes on. */
async function running(namespace: string, name: string): Promise<CanaryKey> {
  const { metadata } = await cluster.canary({ namespace, name, status: { phase: 'Progressing' } });
  return { namespace, name, uid: metadata.uid ?? '' };
}

const until = (what: string, holds: () => Promise<boolean>): Promise<unknown> =>
  waitFor({ what, seconds: 10, look: async () => ((await holds()) ? true : undefined) });

test('a run whose Canary was deleted makes room at once, however long its intervals are', async (t) => {
  const namespace = await cluster.namespace('deleted');
  const { workers, clock, taken } = await twoWorkers(t, { cluster: 1, namespace: undefined, ofNamespaces: new Map() });
  const [one, other] = workers;
  const gone = await running(namespace, 'gone');
  await one.keep(gone, hourMs);
  const next = { namespace, name: 'next', uid: '5e6f7a8b-0000' };
  await clock.advance(1_500);
  t.like(await other.admit(next, 2), { kind: 'queued', by: 'cluster' });
  await cluster.user.delete(canaries, gone);
  await until('the place to be given back', async () => (await taken()).length === 0);
  await clock.advance(1_500);
  t.deepEqual(await other.admit(next, 2), { kind: 'admitted' });
});

test('one that is made anew under the same name has the place for itself', async (t) => {
  const namespace = await cluster.namespace('anew');
  const { workers, clock, taken } = await twoWorkers(t, { cluster: undefined, namespace: 1, ofNamespaces: new Map() });
  const [one, other] = workers;
  const former = await running(namespace, 'podinfo');
  await one.keep(former, hourMs);
  await cluster.user.delete(canaries, former);
  const anew = await running(namespace, 'podinfo');
  t.not(keyText(anew), keyText(former));
  await one.keep(anew, hourMs);
  await until('only the new one to have a place', async () => (await taken()).join(' ') === keyText(anew));
  await clock.advance(1_500);
  t.deepEqual(await other.admit(anew, 1), { kind: 'admitted' });
  t.like(await other.admit({ ...anew, name: 'next' }, 2), { kind: 'queued', runs: 1 });
});
