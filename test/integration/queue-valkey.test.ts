/** The queue on a real Valkey, and what the check at the start says of one. */
import test from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { RedisUnusableError } from '../../platform/redis/address.ts';
import { parseFacts } from '../../platform/redis/facts.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { queueContract } from '../contract/queue.contract.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { createRedisHost } from '../support/redis-host.ts';

queueContract('valkey-server');

test.serial('a Valkey is taken for what it is, checked as a Redis is, and named in the log', async (t) => {
  const host = await createRedisHost('valkey-server');
  t.teardown(() => host.release());
  const [port = 0] = await freePorts(1);
  await host.launch(port);
  const log = createRecordingLogger();
  const redis = createRedis({ url: `redis://127.0.0.1:${port}`, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  const check = () => checkRedis(redis, { clock: systemClock, log, prefix: '{test}' });
  await check();
  const facts = parseFacts(await redis.info());
  t.regex(facts.valkeyVersion ?? '', /^9\./);
  const said = log.lines.find(({ message }) => message === 'redis is usable');
  t.deepEqual(said?.fields, { server: `Valkey ${facts.valkeyVersion}` });
  await redis.config('SET', 'maxmemory-policy', 'volatile-lru');
  await t.throwsAsync(check(), {
    instanceOf: RedisUnusableError,
    message: /expected maxmemory-policy noeviction, got volatile-lru/,
  });
});
