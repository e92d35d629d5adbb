/** The processes that end by themselves: the tick of a CronJob and the worker of a Job. */
import test from 'ava';
import { stringAt } from '../../../platform/json.ts';
import { silentLogger as log } from '../../../platform/logger.ts';
import { createRedis } from '../../../platform/redis.ts';
import { openStepQueue } from '../../../queue/step-queue.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench, Variables } from '../../support/outage-bench.ts';
import { deploy, release } from '../../support/released-canary.ts';
import type { CanaryName } from '../../support/released-canary.ts';

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
