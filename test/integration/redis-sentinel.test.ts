/** Two real Redis, three real sentinels, and a master that is killed. */
import anyTest, { type TestFn } from 'ava';
import { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { RedisUnusableError } from '../../platform/redis/address.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { signal } from '../../sandbox/process-table.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { cutOff, masterOf, password, sentinelPassword, startWatchedRedis } from '../support/redis-sentinels.ts';
import type { WatchedRedis } from '../support/redis-sentinels.ts';
import { aDueStep, createBench, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

/** A generous bound for: noticed, agreed on, promoted, told, connected, run. */
const failoverSeconds = 30;
/** The same where nobody closes a connection: given up only after a while without a word. */
const silenceSeconds = 60;

const test = anyTest as TestFn<WatchedRedis>;

/** A producer's commands fail meanwhile. */
const untilRedisIsBack = ({ redis }: StepBench, seconds = failoverSeconds): Promise<true> =>
  waitFor({
    what: 'the producer to be back',
    seconds,
    look: () =>
      redis.ping().then(
        () => true as const,
        () => undefined,
      ),
  });

test.beforeEach(async (t) => {
  t.context = await startWatchedRedis();
});

test.afterEach.always((t) => t.context.release());

test('when the master is killed, producer and BullMQ worker go on with the replica, and no replicated job is lost', async (t) => {
  const { address, master, masterPort, replicaPort, sentinelPorts } = t.context;
  const bench = createBench(address);
  t.teardown(() => bench.close());
  await checkRedis(bench.redis, { clock, log: createRecordingLogger(), prefix: bench.prefix });
  bench.startWorker({ takeStep: takesAtOnce });
  const first = aDueStep('before');
  await bench.queue.addDue([first]);
  await bench.ended(stepJobId(first.canary, first.slot));
  const later = aDueStep('meanwhile', { dueAt: clock.now() + 4_000 });
  await bench.queue.addDue([later]);
  t.is(await bench.redis.wait(1, 5_000), 1, 'the replica has it');
  await master.kill();
  await untilRedisIsBack(bench);
  t.is((await bench.ended(stepJobId(later.canary, later.slot), failoverSeconds)).returnvalue.outcome, 'settled');
  t.deepEqual([...new Set(await masterOf(sentinelPorts))], [replicaPort]);
  t.not(replicaPort, masterPort);
  const after = aDueStep('after');
  await bench.queue.addDue([after]);
  t.is((await bench.ended(stepJobId(after.canary, after.slot))).returnvalue.outcome, 'settled');
});

test('when the master is demoted without dying, producer and worker move to the new one', async (t) => {
  const { address, replicaPort, sentinelPorts } = t.context;
  const bench = createBench(address);
  t.teardown(() => bench.close());
  bench.startWorker({ takeStep: takesAtOnce });
  const one = aDueStep('one');
  await untilRedisIsBack(bench);
  await bench.queue.addDue([one]);
  await bench.ended(stepJobId(one.canary, one.slot));
  const sentinel = new Redis({ port: sentinelPorts[0] ?? 0, password: sentinelPassword });
  t.teardown(() => sentinel.disconnect());
  await sentinel.call('SENTINEL', 'failover', 'mymaster');
  // Until the sentinels demote the old master it takes writes that are lost; the next tick adds them again.
  await waitFor({
    what: 'the producer to be on the new master',
    seconds: failoverSeconds,
    look: async () =>
      (await bench.redis.info('server').catch(() => '')).includes(`tcp_port:${replicaPort}\r`) ? true : undefined,
  });
  t.true((await masterOf(sentinelPorts)).every((port) => port === replicaPort));
  const two = aDueStep('two');
  await bench.queue.addDue([two]);
  t.is((await bench.ended(stepJobId(two.canary, two.slot), failoverSeconds)).returnvalue.outcome, 'settled');
});

test('when the master falls silent and holds its connections, producer and worker leave them for the new one', async (t) => {
  const { address, master, replicaPort, sentinelPorts } = t.context;
  const bench = createBench(address);
  t.teardown(() => bench.close());
  t.teardown(() => signal(master.identity, 'SIGCONT'));
  await untilRedisIsBack(bench);
  // Silent from the moment at which the end of a job is about to be told: whether it was is not known afterwards.
  let isSilent = false;
  bench.startWorker({
    takeStep: async (turn) => {
      if (!isSilent) {
        t.is(await bench.redis.wait(1, 5_000), 1, 'the replica has it');
        isSilent = true;
        signal(master.identity, 'SIGSTOP');
      }
      return takesAtOnce(turn);
    },
  });
  const ending = aDueStep('ending');
  await bench.queue.addDue([ending]);
  await waitFor({
    what: 'the replica to be promoted',
    seconds: failoverSeconds,
    look: async () => ((await masterOf(sentinelPorts)).every((port) => port === replicaPort) ? true : undefined),
  });
  await untilRedisIsBack(bench, silenceSeconds);
  t.regex(await bench.redis.info('server'), new RegExp(`tcp_port:${replicaPort}\r`));
  const after = aDueStep('after');
  await bench.queue.addDue([after]);
  for (const { canary, slot } of [after, ending]) {
    t.is((await bench.ended(stepJobId(canary, slot), silenceSeconds)).returnvalue.outcome, 'settled', canary.name);
  }
});

test('when the master is cut off from all but us and takes no writes, producer and worker leave it for the new one', async (t) => {
  const { address, masterPort, replicaPort, sentinelPorts } = t.context;
  const bench = createBench(address);
  t.teardown(() => bench.close());
  const old = new Redis({ port: masterPort, password });
  t.teardown(() => old.disconnect());
  bench.startWorker({ takeStep: takesAtOnce });
  await untilRedisIsBack(bench);
  const before = aDueStep('before');
  await bench.queue.addDue([before]);
  await bench.ended(stepJobId(before.canary, before.slot));
  await cutOff(old);
  await waitFor({
    what: 'the replica to be promoted',
    seconds: failoverSeconds,
    look: async () => ((await masterOf(sentinelPorts)).every((port) => port === replicaPort) ? true : undefined),
  });
  await waitFor({
    what: 'the producer to be on the new master',
    seconds: failoverSeconds,
    look: async () => {
      const isTaken = await bench.redis.set(`${bench.prefix}:write`, '1').catch(() => undefined);
      return isTaken === 'OK' ? true : undefined;
    },
  });
  const after = aDueStep('after');
  await bench.queue.addDue([after]);
  t.is((await bench.ended(stepJobId(after.canary, after.slot), failoverSeconds)).returnvalue.outcome, 'settled');
  t.regex(await old.info('replication'), /role:master\r/, 'nobody has demoted the old one');
});

test('a master that no sentinel knows, and a wrong password of theirs, are told as such', async (t) => {
  const { address } = t.context;
  const sentinels = address.sentinels ?? t.fail();
  if (sentinels === undefined) return;
  const refusal = async (over: Partial<typeof sentinels>): Promise<string> => {
    const log = createRecordingLogger();
    const redis = createRedis({
      ...address,
      sentinels: { ...sentinels, ...over },
      role: 'producer',
      connectionName: 'test',
      log,
    });
    t.teardown(() => redis.disconnect());
    const error = await t.throwsAsync(checkRedis(redis, { clock, log, prefix: '{test}', timeoutMs: 2_000 }), {
      instanceOf: RedisUnusableError,
    });
    t.notRegex(JSON.stringify([error?.message, log.lines]), /pa55word|s3ntinel|wr0ng/);
    return error?.message ?? '';
  };
  t.regex(
    await refusal({ name: 'other' }),
    /Redis at master 'other' of sentinels 127.*No such master.*REDIS_SENTINEL_NAME/,
  );
  t.regex(await refusal({ password: 'wr0ng' }), /sentinels 127.*WRONGPASS/);
});
