import test from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

test.serial('a scheduler fails a tick while Redis is away and goes on with the next', async (t) => {
  const namespace = await cluster.namespace('away');
  await cluster.canary({ namespace, analysis: { interval: '1s' } });
  const env = { ...settingsOn(cluster, 'away'), NAMESPACE: namespace, TICK_INTERVAL: '1s' };
  const scheduler = startProcessFor(t, { program: 'scheduler', env });
  await scheduler.said('tick done');
  await cluster.light.stopRedis('kill');
  await scheduler.said('tick failed; the next one adds what is missing');
  await cluster.light.startRedis();
  const ticks = (): number => scheduler.lines().filter(({ msg }) => msg === 'tick done').length;
  const before = ticks();
  await waitFor({ what: 'the next tick', seconds: 15, look: () => (ticks() > before ? true : undefined) });
  scheduler.kill('SIGTERM');
  t.is(await scheduler.ended(), 0);
});

async function emptyRedis(): Promise<void> {
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  await redis.flushall();
  redis.disconnect();
}

const stepsOf = (worker: AviaryProcess): number => worker.lines().filter(({ msg }) => msg === 'step taken').length;

/** Two, for the first one may have been under way already. */
const moreSteps = (worker: AviaryProcess): Promise<true> => {
  const before = stepsOf(worker);
  return waitFor({
    what: 'two more steps',
    seconds: 30,
    look: () => (stepsOf(worker) >= before + 2 ? true : undefined),
  });
};

test.serial('a worker goes on when the API server comes back', async (t) => {
  const namespace = await cluster.namespace('api');
  await cluster.canary({ namespace, analysis: { interval: '1s' } });
  const env = { ...settingsOn(cluster, 'api'), NAMESPACE: namespace, TICK_INTERVAL: '1s' };
  const scheduler = startProcessFor(t, { program: 'scheduler', env });
  const worker = startProcessFor(t, { program: 'worker', env });
  await moreSteps(worker);
  await cluster.light.stopApiServer('kill');
  await worker.said('step failed');
  await cluster.light.startApiServer();
  await moreSteps(worker);
  for (const process of [scheduler, worker]) process.kill('SIGTERM');
  t.deepEqual(await Promise.all([scheduler.ended(), worker.ended()]), [0, 0]);
});

test.serial('scheduler and worker go on when a killed Redis comes back without its jobs', async (t) => {
  const namespace = await cluster.namespace('emptied');
  await cluster.canary({ namespace, analysis: { interval: '1s' } });
  const env = { ...settingsOn(cluster, 'emptied'), NAMESPACE: namespace, TICK_INTERVAL: '1s' };
  startProcessFor(t, { program: 'scheduler', env });
  const worker = startProcessFor(t, { program: 'worker', env });
  await moreSteps(worker);
  await cluster.light.stopRedis('kill');
  await cluster.light.startRedis();
  await emptyRedis();
  await moreSteps(worker);
  t.is(worker.errors(), '');
});
