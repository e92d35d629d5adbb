import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { events } from '../../platform/kubernetes/resources.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { conditionOf } from '../support/stored-object.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

function queueOf(t: ExecutionContext, prefix: string) {
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'producer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix: `{${prefix}}`, log });
  t.teardown(async () => {
    await queue.close();
    redis.disconnect();
  });
  return queue;
}

const refused = { provider: 'appmesh' };
const stalledOf = async (namespace: string): Promise<string | undefined> =>
  stringAt(conditionOf(await cluster.read(namespace), 'Stalled'), 'message');

const eventsOf = async (namespace: string): Promise<readonly (string | undefined)[]> => {
  const { items } = await cluster.user.list(events, { namespace });
  return items.map((event) => stringAt(event, 'message'));
};

test.serial('a tick of a CronJob and a draining worker take a step together, and both end', async (t) => {
  const namespace = await cluster.namespace('once');
  await cluster.canary({ namespace, spec: refused, analysis: { interval: '10s' } });
  const env = { ...settingsOn(cluster, 'once'), NAMESPACE: namespace };
  const tick = startProcessFor(t, { program: 'scheduler', args: ['--once'], env });
  t.is(await tick.ended(), 0);
  const counts = await queueOf(t, 'once').getJobCounts('delayed', 'prioritized', 'wait');
  t.true(Object.values(counts).reduce((sum, count) => sum + count, 0) >= 1);
  const drain = startProcessFor(t, { program: 'worker', args: ['--drain'], env });
  t.is(await drain.ended(), 0);
  t.regex((await stalledOf(namespace)) ?? '', /^spec\.provider: appmesh is not supported/);
  t.deepEqual(
    (await eventsOf(namespace)).map((message) => message?.split(',')[0]),
    ['invalid canary spec: spec.provider: appmesh is not supported'],
  );
});

test.serial('a new Canary is looked at within moments by a scheduler that stays', async (t) => {
  const namespace = await cluster.namespace('stays');
  const env = { ...settingsOn(cluster, 'stays'), NAMESPACE: namespace };
  const scheduler = startProcessFor(t, { program: 'scheduler', env });
  const worker = startProcessFor(t, { program: 'worker', env });
  await Promise.all([scheduler.said('tick done'), worker.said('listening')]);
  const createdAt = clock.now();
  await cluster.canary({ namespace, spec: refused, analysis: { interval: '10m' } });
  await waitFor({ what: 'the Canary to be looked at', seconds: 10, look: () => stalledOf(namespace) });
  t.log(`looked at ${clock.now() - createdAt} ms after it was created`);
  for (const process of [scheduler, worker]) process.kill('SIGTERM');
  t.deepEqual(await Promise.all([scheduler.ended(), worker.ended()]), [0, 0]);
});

test.serial('one refused Canary does not keep another one from its step', async (t) => {
  const namespace = await cluster.namespace('others');
  const prefix = 'others';
  await cluster.canary({ namespace, name: 'bad', spec: { ...refused }, analysis: { interval: '1s' } });
  await cluster.canary({ namespace, name: 'good', analysis: { interval: '1s' } });
  const env = { ...settingsOn(cluster, prefix), NAMESPACE: namespace };
  startProcessFor(t, { program: 'scheduler', env });
  startProcessFor(t, { program: 'worker', env });
  const queue = queueOf(t, prefix);
  const outcomes = await waitFor({
    what: 'both canaries to be looked at',
    seconds: 60,
    look: async () => {
      const jobs = await queue.getCompleted(0, 50);
      const ends = jobs.map(({ returnvalue }) => returnvalue).filter(({ outcome }) => outcome !== 'skipped');
      const seen = new Map(ends.map(({ canary, outcome }) => [canary, outcome]));
      return seen.size === 2 ? seen : undefined;
    },
  });
  t.is(outcomes.get(`${namespace}/bad`), 'invalid');
  // Its target does not exist, which the rules find out and say.
  t.is(outcomes.get(`${namespace}/good`), 'stopped');
  const about = 'deployment good.others get query error';
  t.true((await eventsOf(namespace)).some((message) => message?.includes(about)));
});

test.serial('a worker that is misconfigured names every problem and exits 1', async (t) => {
  const env = { CONCURRENCY: 'two', MESH_PROVIDER: 'isto', SLACK_URL: 'hunter2', STEP_TIMEOUT: '1 minute' };
  const worker = startProcessFor(t, { program: 'worker', env });
  t.is(await worker.ended(), 1);
  const said = worker.errors();
  t.regex(said, /REDIS_URL \(where the queues live\): expected .*, got nothing/);
  t.regex(said, /CONCURRENCY .*: expected an integer from 1 to 1000, got 'two'/);
  t.regex(said, /MESH_PROVIDER .*: expected one of .*kuma.*, got 'isto'/);
  t.regex(said, /SLACK_URL .*got \(hidden\)/);
  t.regex(said, /STEP_TIMEOUT .*got '1 minute'/);
  t.false(said.includes('hunter2'));
});
