import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { Redis } from 'ioredis';
import { systemClock } from '../../platform/clock.ts';
import { RedisUnusableError } from '../../platform/redis/address.ts';
import { type RedisRole, checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { freePorts } from '../../sandbox/ports.ts';
import type { ServerProcess } from '../../sandbox/server-process.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { type RedisHost, createRedisHost } from '../support/redis-host.ts';
import { waitUntil } from '../support/wait-until.ts';

const password = 'pa55word';

interface Context {
  host: RedisHost;
  port: number;
  /** Starts this test's Redis (again) with more arguments; it has a password. */
  start: (...more: string[]) => Promise<ServerProcess>;
}

const test = anyTest as TestFn<Context>;

test.beforeEach(async (t) => {
  const [port = 0] = await freePorts(1);
  const host = await createRedisHost();
  const start = (...more: string[]): Promise<ServerProcess> => host.launch(port, '--requirepass', password, ...more);
  t.context = { host, port, start };
});

test.afterEach.always((t) => t.context.host.release());

interface Opened {
  redis: Redis;
  log: ReturnType<typeof createRecordingLogger>;
  check: (timeoutMs?: number) => Promise<void>;
}

function open(t: ExecutionContext<Context>, url: string, role: RedisRole = 'producer'): Opened {
  const log = createRecordingLogger();
  const redis = createRedis({ url, role, connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  return {
    redis,
    log,
    check: (timeoutMs = 10_000) => checkRedis(redis, { clock: systemClock, log, prefix: '{test}', timeoutMs }),
  };
}

const urlOf = (port: number, user = '', secret = password): string => `redis://${user}:${secret}@127.0.0.1:${port}`;
const adviceIn = (log: Opened['log']): unknown[] => log.lines.flatMap(({ fields }) => fields['advice'] ?? []);

test('a Redis that keeps everything is used; what could be better is said', async (t) => {
  await t.context.start();
  const plain = open(t, urlOf(t.context.port));
  await plain.check();
  t.is(adviceIn(plain.log).length, 2);
  await plain.redis.config('SET', 'appendonly', 'yes', 'hz', '100');
  const good = open(t, urlOf(t.context.port));
  await good.check();
  t.deepEqual(adviceIn(good.log), []);
  t.is(await good.redis.client('GETNAME'), 'test');
});

test('a Redis that evicts is refused', async (t) => {
  await t.context.start('--maxmemory-policy', 'allkeys-lru');
  await t.throwsAsync(open(t, urlOf(t.context.port)).check(), {
    instanceOf: RedisUnusableError,
    message: /expected maxmemory-policy noeviction, got allkeys-lru/,
  });
});

test('a user who may not run INFO is refused with the cure, for BullMQ needs it too', async (t) => {
  await t.context.start();
  const admin = open(t, urlOf(t.context.port));
  await admin.check();
  await admin.redis.acl('SETUSER', 'aviary', 'on', '>own-word', '~*', '+@all', '-info');
  const limited = open(t, urlOf(t.context.port, 'aviary', 'own-word'));
  await t.throwsAsync(limited.check(), { instanceOf: RedisUnusableError, message: /INFO.*NOPERM.*\+info/ });
});

test('a wrong password is told as such, without the password', async (t) => {
  await t.context.start();
  const { check, log } = open(t, urlOf(t.context.port, '', 'wr0ng'));
  const error = await t.throwsAsync(check(1500), { instanceOf: RedisUnusableError });
  t.regex(
    error.message,
    /expected an answer within 1500 ms, got none \(WRONGPASS.*its URL, user and password.*REDIS_PASSWORD_FILE/,
  );
  t.notRegex(JSON.stringify([error.message, log.lines]), /wr0ng/);
});

test('a Redis that does not run is told with its address', async (t) => {
  const { check } = open(t, urlOf(t.context.port));
  const error = await t.throwsAsync(check(500), { instanceOf: RedisUnusableError });
  t.regex(error.message, new RegExp(`Redis at 127.0.0.1:${t.context.port}: .*ECONNREFUSED`));
});

test('while Redis is away a producer fails at once and a consumer waits; both are back by themselves', async (t) => {
  const server = await t.context.start('--appendonly', 'yes');
  const producer = open(t, urlOf(t.context.port));
  const consumer = open(t, urlOf(t.context.port), 'consumer');
  await Promise.all([producer.check(), consumer.check()]);
  await server.kill();
  await waitUntil('the loss is noticed', () => producer.redis.status !== 'ready' && consumer.redis.status !== 'ready');
  await t.throwsAsync(producer.redis.set('key', '1'));
  const waiting = consumer.redis.set('key', '2');
  await t.context.start('--appendonly', 'yes');
  t.is(await waiting, 'OK');
  await producer.check();
  t.is(await producer.redis.get('key'), '2');
});

test('a master that takes no writes without its replicas is left again and again, after a pause, until it takes them', async (t) => {
  await t.context.start('--min-replicas-to-write', '1');
  const [admin, producer] = [open(t, urlOf(t.context.port)), open(t, urlOf(t.context.port))];
  const consumer = open(t, urlOf(t.context.port), 'consumer');
  await Promise.all([admin, producer, consumer].map(({ check }) => check()));
  const pauses: number[] = [];
  for (const { redis } of [producer, consumer]) redis.on('reconnecting', (ms: number) => pauses.push(ms));
  await t.throwsAsync(producer.redis.set('key', '1'), { message: /^NOREPLICAS/ });
  const waiting = consumer.redis.set('key', '2');
  await waitUntil('both have left it, and one has come back in vain', () => pauses.length >= 3, 15_000);
  await admin.redis.config('SET', 'min-replicas-to-write', '0');
  t.is(await waiting, 'OK');
  t.deepEqual(
    pauses.filter((ms) => ms < 1_000),
    [],
  );
  const told = consumer.log.lines.find(({ fields }) => fields['cure'] !== undefined);
  t.regex(String(told?.fields['cure']), /lost its replicas.*min-replicas-to-write/);
  await producer.check();
  t.is(await producer.redis.get('key'), '2');
});
