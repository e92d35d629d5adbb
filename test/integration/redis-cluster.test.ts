/** Redis as a cluster: one slot is one node, so one node is enough, and another one is refused. */
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { RedisUnusableError } from '../../platform/redis/address.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { type RedisHost, createRedisHost } from '../support/redis-host.ts';
import { aDueStep, createBench, takesAtOnce } from '../support/step-workers.ts';

const slots = 16_384;

const test = anyTest as TestFn<{ host: RedisHost }>;

test.beforeEach(async (t) => {
  t.context = { host: await createRedisHost() };
});
test.afterEach.always((t) => t.context.host.release());

/** Nodes that share the slots evenly, in the order of their ports. */
async function startCluster(
  { context }: ExecutionContext<{ host: RedisHost }>,
  size: number,
): Promise<readonly number[]> {
  const [first = 0, ...others] = await freePorts(size);
  const ports = [first, ...others];
  const buses = await freePorts(size);
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  for (const [index, port] of ports.entries()) {
    const own = ['--cluster-config-file', `nodes-${port}.conf`, '--cluster-port', `${buses[index]}`];
    await context.host.launch(port, ...settings, ...own);
  }
  const nodes = ports.map((port) => new Redis({ port }));
  try {
    for (const [index, node] of nodes.entries()) {
      const [from, to] = [index, index + 1].map((at) => Math.floor((at * slots) / size));
      await node.call('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${(to ?? 0) - 1}`);
      if (index > 0) await node.call('CLUSTER', 'MEET', '127.0.0.1', `${first}`, `${buses[0]}`);
    }
    await waitFor({
      what: 'the cluster to be whole',
      seconds: 30,
      look: async () => {
        const infos = await Promise.all(nodes.map((node) => node.cluster('INFO')));
        const isWhole = (info: string) =>
          info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`);
        return infos.every(isWhole) ? true : undefined;
      },
    });
  } finally {
    for (const node of nodes) node.disconnect();
  }
  return ports;
}

function check(t: ExecutionContext<{ host: RedisHost }>, port: number, prefix: string): Promise<void> {
  const log = createRecordingLogger();
  const redis = createRedis({ url: `redis://127.0.0.1:${port}`, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  return checkRedis(redis, { clock, log, prefix });
}

test('a cluster of one shard keeps the queue', async (t) => {
  const [port = 0] = await startCluster(t, 1);
  await t.notThrowsAsync(check(t, port, '{aviary}'));
  const bench = createBench(`redis://127.0.0.1:${port}`);
  t.teardown(() => bench.close());
  await checkRedis(bench.redis, { clock, log: createRecordingLogger(), prefix: bench.prefix });
  bench.startWorker({ takeStep: takesAtOnce });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step]);
  t.is((await bench.ended(stepJobId(step.canary, step.slot))).returnvalue.outcome, 'settled');
});

test('a prefix without braces is refused on a cluster, and only there', async (t) => {
  const [port = 0] = await startCluster(t, 1);
  await t.throwsAsync(check(t, port, 'aviary'), {
    instanceOf: RedisUnusableError,
    message: /expected REDIS_PREFIX with a part in braces, as \{aviary\}.*got 'aviary'/,
  });
  const [plain = 0] = await freePorts(1);
  await t.context.host.launch(plain);
  await t.notThrowsAsync(check(t, plain, 'aviary'));
});

test('of three shards, the one that keeps the prefix does; the others are refused and name it', async (t) => {
  const ports = await startCluster(t, 3);
  const outcomes = await Promise.all(
    ports.map((port) =>
      check(t, port, '{aviary}').then(
        () => 'used',
        (error: unknown) => (error instanceof RedisUnusableError ? error.message : String(error)),
      ),
    ),
  );
  const home = outcomes.indexOf('used');
  t.is(outcomes.filter((outcome) => outcome === 'used').length, 1);
  const refusals = outcomes.filter((outcome) => outcome !== 'used');
  for (const message of refusals)
    t.regex(message, new RegExp(`keeps those of '\\{aviary\\}' \\(slot \\d+\\) on 127.0.0.1:${ports[home]}`));
});
