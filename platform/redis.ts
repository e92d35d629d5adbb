import { Redis, type RedisOptions } from 'ioredis';
import type { Clock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

/**
 * producer: a command fails at once while Redis is away (the next tick adds again);
 * consumer: a command waits until Redis is back, as BullMQ workers require.
 */
export type RedisRole = 'producer' | 'consumer';

export interface RedisConnection {
  /** `redis://user:password@host:port/db`, or `rediss://…` for TLS. */
  url: string;
  role: RedisRole;
  /** Shown by CLIENT LIST. */
  connectionName: string;
  log: Logger;
}

/** Redis cannot be used as it is; the message says what was found, what is needed, and what to do. */
export class RedisUnusableError extends Error {
  override readonly name = 'RedisUnusableError';
}

const connectTimeoutMs = 5_000;
const producerCommandTimeoutMs = 10_000;

const roleOptions = {
  producer: { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: producerCommandTimeoutMs },
  consumer: { maxRetriesPerRequest: null },
} satisfies Record<RedisRole, RedisOptions>;

/**
 * Begins to connect and returns; reconnects for ever and logs each new reason once. Whoever creates it must `quit` or
 * `disconnect` it. Throws RedisUnusableError on a URL of another kind.
 */
export function createRedis({ url, role, connectionName, log }: RedisConnection): Redis {
  if (!URL.canParse(url) || !['redis:', 'rediss:'].includes(new URL(url).protocol)) {
    throw new RedisUnusableError(
      'Redis URL: expected redis://[user:password@]host[:port][/db] or rediss://…, got another text',
    );
  }
  const redis = new Redis(url, { ...roleOptions[role], connectTimeout: connectTimeoutMs, connectionName });
  let told: string | undefined;
  redis.on('error', (err: Error) => {
    if (err.message === told) return;
    told = err.message;
    // Its words only: ioredis hangs the command on the error, and that of signing in holds the password.
    log.warn({ reason: err.message, connection: connectionName }, 'redis connection failed, trying again');
  });
  redis.on('ready', () => {
    told = undefined;
    log.debug({ connection: connectionName }, 'redis connected');
  });
  return redis;
}

export interface RedisCheckOptions {
  clock: Clock;
  log: Logger;
  /** How long to wait for Redis to answer. Default 10 000 ms. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Waits until Redis answers and checks that it is version 6.2 or newer and evicts nothing. What the server does not tell
 * (managed services forbid INFO or CONFIG) can only be warned about. Throws RedisUnusableError.
 */
export async function checkRedis(redis: Redis, options: RedisCheckOptions): Promise<void> {
  const { log } = options;
  await whenReady(redis, options);
  const facts = await readFacts(redis).catch((err: unknown) => {
    log.warn(
      { reason: messageOf(err) },
      'redis does not tell its version and settings; 6.2 or newer with noeviction is assumed',
    );
    return undefined;
  });
  if (facts === undefined) return;
  const refusal = refusalOf(facts);
  if (refusal !== undefined) throw new RedisUnusableError(refusal);
  for (const advice of adviceOn(facts)) log.warn({ advice }, 'redis is not set up as recommended');
}

async function whenReady(redis: Redis, { clock, timeoutMs = 10_000, signal }: RedisCheckOptions): Promise<void> {
  let lastFailure = 'no connection yet';
  let onReady: () => void = () => undefined;
  const onError = (error: Error): void => {
    lastFailure = error.message;
  };
  redis.on('error', onError);
  try {
    await withDeadline({ clock, ms: timeoutMs, signal }, async () => {
      if (redis.status === 'ready') return;
      await new Promise<void>((resolve) => {
        onReady = resolve;
        redis.once('ready', onReady);
      });
    });
  } catch (cause) {
    const where = `${redis.options.host ?? 'localhost'}:${redis.options.port ?? 6379}`;
    throw new RedisUnusableError(
      `Redis at ${where}: expected an answer within ${timeoutMs} ms, got none (${lastFailure}); check that it runs and that its URL, user and password are right`,
      { cause },
    );
  } finally {
    redis.off('error', onError);
    redis.off('ready', onReady);
  }
}

/** What INFO tells; a field that is missing is undefined. */
export interface RedisFacts {
  version: string | undefined;
  evictionPolicy: string | undefined;
  aofEnabled: boolean | undefined;
  hz: number | undefined;
}

async function readFacts(redis: Redis): Promise<RedisFacts> {
  const sections = await Promise.all(['server', 'memory', 'persistence'].map((section) => redis.info(section)));
  return parseFacts(sections.join('\r\n'));
}

export function parseFacts(info: string): RedisFacts {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const aof = field('aof_enabled');
  const hz = field('configured_hz');
  return {
    version: field('redis_version'),
    evictionPolicy: field('maxmemory_policy'),
    aofEnabled: aof === undefined ? undefined : aof === '1',
    hz: hz === undefined ? undefined : Number(hz),
  };
}

/** Why Redis must not be used, or undefined. */
export function refusalOf({ version, evictionPolicy }: RedisFacts): string | undefined {
  if (version !== undefined && !isAtLeast(version, [6, 2])) {
    return `Redis: expected version 6.2 or newer, got ${version}; upgrade it, the queue needs newer commands`;
  }
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
    return `Redis: expected maxmemory-policy noeviction, got ${evictionPolicy}, with which jobs vanish under memory pressure; run CONFIG SET maxmemory-policy noeviction and set it in redis.conf`;
  }
  return undefined;
}

/** What would be better otherwise, in words. */
export function adviceOn({ version, evictionPolicy, aofEnabled, hz }: RedisFacts): string[] {
  const advice: string[] = [];
  if (version === undefined) advice.push('the version is not told; 6.2 or newer is needed');
  if (evictionPolicy === undefined) advice.push('maxmemory-policy is not told; it must be noeviction');
  if (aofEnabled === false)
    advice.push('appendonly is off: a crash loses queued jobs until the next tick adds them again');
  if (hz !== undefined && hz < 100)
    advice.push(`hz is ${hz}: delayed jobs start up to 100 ms late; hz 100 makes it 20 ms`);
  return advice;
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [gotMajor = 0, gotMinor = 0] = version.split('.').map(Number);
  return gotMajor > major || (gotMajor === major && gotMinor >= minor);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
