/** The processes that end by themselves: the tick of a CronJob and the worker of a Job. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { stringAt } from '../../../platform/json.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { createRedis } from '../../../platform/redis/redis.ts';
import { openStepQueue } from '../../../queue/step-queue.ts';
import { startRedisServer } from '../../loadtester/redis-server.ts';
import { holdStep } from '../../support/held-step.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench, Variables } from '../../support/outage-bench.ts';
import { refusedAlert } from '../../support/refused-alert.ts';
import { deploy, release } from '../../support/released-canary.ts';
import type { CanaryName } from '../../support/released-canary.ts';
import { createBench } from '../../support/step-workers.ts';

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
});
test.after.always(() => bench.close());

const tick = (env: Variables): Promise<number | string> =>
  bench.run({ program: 'scheduler', args: ['--once'], env }).ended(60);
const drain = (env: Variables): Promise<number | string> =>
  bench.run({ program: 'worker', args: ['--drain'], env }).ended(60);

async function jobIds(prefix: string): Promise<readonly string[]> {
  const redis = createRedis({ url: bench.cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix, log });
  try {
    const jobs = await queue.getJobs(['delayed', 'wait', 'prioritized', 'active', 'completed', 'failed']);
    return jobs.map(({ id = '' }) => id).toSorted();
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

const skipping = { spec: { provider: 'kubernetes', skipAnalysis: true } };

test.serial('a drain ends 0 when nothing is due, and a second tick adds nothing', async (t) => {
  const namespace = await bench.cluster.namespace('twice');
  const env = { NAMESPACE: namespace, REDIS_PREFIX: '{twice}' };
  t.is(await tick(env), 0);
  t.deepEqual(await jobIds('{twice}'), []);
  t.is(await drain(env), 0);
  await deploy(bench.cluster, { namespace, name: 'podinfo', ...skipping, analysis: { interval: '30m' } });
  const ahead = { ...env, HORIZON: '1h' };
  t.is(await tick(ahead), 0);
  const added = await jobIds('{twice}');
  t.true(added.length >= 2);
  t.is(await tick(ahead), 0);
  t.deepEqual(await jobIds('{twice}'), added);
});

test.serial('a drain leaves what is to be tried again to whoever works when that is due', async (t) => {
  const url = bench.cluster.light.redisUrl;
  const redis = createRedis({ url, role: 'consumer', connectionName: 'test', log });
  const place = { redis, url, prefix: '{refused}' };
  const alerts = await refusedAlert(place, { raisedMsAgo: 180_000, pauseMs: 150_000 });
  t.teardown(async () => {
    await alerts.close();
    redis.disconnect();
  });
  t.is(await drain({ NAMESPACE: await bench.cluster.namespace('refused'), REDIS_PREFIX: '{refused}' }), 0);
  t.is(await alerts.getDelayedCount(), 1);
});

test.serial('ticks and drains alone take a release to its end', async (t) => {
  const podinfo: CanaryName = { namespace: await bench.cluster.namespace('alone'), name: 'podinfo' };
  const env = { NAMESPACE: podinfo.namespace, REDIS_PREFIX: '{alone}' };
  // As long as two processes take to begin on a busy machine: a slot that has passed by then is not taken.
  await deploy(bench.cluster, { ...podinfo, ...skipping, analysis: { interval: '5s' } });
  const phase = async (): Promise<string | undefined> =>
    stringAt(await bench.cluster.read(podinfo.namespace), 'status', 'phase');
  const untilItIs = async (wanted: string): Promise<void> => {
    for (let round = 0; round < 15 && (await phase()) !== wanted; round += 1) {
      t.deepEqual(await Promise.all([tick(env), drain(env)]), [0, 0]);
    }
    t.is(await phase(), wanted);
  };
  await untilItIs('Initialized');
  await release(bench.cluster, podinfo, 2);
  await untilItIs('Succeeded');
});

test.serial('one drain leads a deletion to its end, although that takes several looks', async (t) => {
  const podinfo: CanaryName = { namespace: await bench.cluster.namespace('leaving'), name: 'podinfo' };
  const env = { NAMESPACE: podinfo.namespace, REDIS_PREFIX: '{leaving}', HORIZON: '1h' };
  const spec = { provider: 'kubernetes', revertOnDeletion: true };
  await deploy(bench.cluster, { ...podinfo, spec, analysis: { interval: '60m' } });
  t.deepEqual([await tick(env), await drain(env)], [0, 0]);
  await bench.cluster.user.delete(canaries, podinfo);
  t.deepEqual([await tick(env), await drain(env)], [0, 0]);
  await t.throwsAsync(bench.cluster.read(podinfo.namespace), { message: /not found/ });
});

test.serial('a drain outlives a short absence of Redis, and ends 1 in good order after REDIS_WAIT', async (t) => {
  const redis = await startRedisServer();
  t.teardown(() => redis.end());
  await beginStep(t, redis.url, '{away}');
  const common = { NAMESPACE: await bench.cluster.namespace('away'), REDIS_URL: redis.url, REDIS_PREFIX: '{away}' };
  const drainFor = (wait: string) =>
    bench.run({ program: 'worker', args: ['--drain'], env: { ...common, REDIS_WAIT: wait } });
  const [patient, hasty] = [drainFor('60s'), drainFor('2s')];
  await Promise.all([patient.said('listening', 60), hasty.said('listening', 60)]);
  await redis.stop('kill');
  t.is(await hasty.ended(60), 1);
  const words = /expected to see what is due within 2000 ms, got no answer from Redis/;
  t.regex(JSON.stringify(await hasty.said('the worker cannot go on')), words);
  t.truthy(await hasty.said('shutting down'));
  t.truthy(await patient.said('what is due cannot be seen, looking again'));
  // It comes back empty: what was under way is not asked for any more.
  await redis.start();
  t.is(await patient.ended(60), 0);
});

/** A step that a process is at until the end of the test: a drain waits for it. */
async function beginStep(t: ExecutionContext, url: string, prefix: string): Promise<void> {
  const steps = createBench(url, prefix);
  await steps.jobs.waitUntilReady();
  await holdStep(t, steps, url);
  await steps.close();
}
