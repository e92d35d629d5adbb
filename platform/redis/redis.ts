import { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { Logger } from '../observability/logger.ts';
import { RedisUnusableError, connectionOptions, shownAddress } from './address.ts';
import type { ClientOptions, RedisAddress } from './address.ts';
import { adviceOn, cureOf, factSections, parseFacts, rankOf, refusalOf, serverOf } from './facts.ts';
import { messageOf } from '../error-message.ts';

/**
 * producer: a command fails at once while Redis is away (the next tick adds again);
 * consumer: a command waits until Redis is back, as BullMQ workers require.
 * Both leave a Redis that answers nothing any more, and connect anew.
 */
export type RedisRole = 'producer' | 'consumer';

export interface RedisConnection extends RedisAddress {
  readonly role: RedisRole;
  /** Shown by CLIENT LIST. */
  readonly connectionName: string;
  readonly log: Logger;
}

const connectTimeoutMs = 5_000;
const producerCommandTimeoutMs = 10_000;
/**
 * How long a connection may keep us waiting without a word. One that hangs, or whose node has vanished, stays open in the
 * eyes of the system for a quarter of an hour or for ever, while the sentinels have had a new master for long.
 * Counts only while a command is unanswered. A producer's commands end before; a consumer's are sent again.
 */
const producerSilenceMs = 12_000;
/** More than BullMQ ever waits for a job (10 s), and than it takes to leave a wait that does not end (3 s). */
const consumerSilenceMs = 15_000;

// Words of ioredis.
const reconnect = 1;
const reconnectAndRepeat = 2;

/** What is done with a command that a master refuses as it must be left. */
const afterRefusal: Readonly<Record<RedisRole, typeof reconnect | typeof reconnectAndRepeat>> = {
  producer: reconnect,
  consumer: reconnectAndRepeat,
};

const roleOptions: Readonly<Record<RedisRole, ClientOptions>> = {
  producer: {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: producerCommandTimeoutMs,
    socketTimeout: producerSilenceMs,
  },
  consumer: {
    maxRetriesPerRequest: null,
    socketTimeout: consumerSilenceMs,
  },
};

/** The master that we are connected to has become a replica: whoever is asked next knows the new one. */
const isDemoted = (error: Error): boolean => error.message.includes('READONLY');

/**
 * It has lost its replicas, and was told to take no writes without them (`min-replicas-to-write`). In a split of the network
 * that is an old master, which nobody can reach to demote it, and the others have a new one.
 */
const isCutOff = (error: Error): boolean => error.message.includes('NOREPLICAS');

/** Until it has its replicas back, or the sentinels another master, the same one would be found at once, and refuse again. */
const cutOffPauseMs = 1_000;

/** When a client leaves its master by itself. The copies that BullMQ makes of the client do the same. */
function leaving(role: RedisRole, tell: (refusal: Error) => void) {
  let isPauseDue = false;
  return {
    reconnectOnError: (error: Error) => {
      if (isCutOff(error)) {
        isPauseDue = true;
        tell(error);
      }
      return isDemoted(error) || isCutOff(error) ? afterRefusal[role] : false;
    },
    /** Milliseconds that the next connection waits at least. */
    takePause: (): number => {
      const pauseMs = isPauseDue ? cutOffPauseMs : 0;
      isPauseDue = false;
      return pauseMs;
    },
  };
}

/**
 * Begins to connect and returns; reconnects for ever and logs each new reason once. Whoever creates it must `quit` or
 * `disconnect` it. Throws RedisUnusableError on a URL of another kind and on a file that cannot be read.
 */
export function createRedis({ role, connectionName, log, ...address }: RedisConnection): Redis {
  let told: string | undefined;
  const tell = (err: Error): void => {
    if (err.message === told) return;
    told = err.message;
    // Its words only: ioredis hangs the command on the error, and that of signing in holds the password.
    log.warn(
      { reason: err.message, cure: cureOf(err.message), connection: connectionName },
      'redis connection failed, trying again',
    );
  };
  const { reconnectOnError, takePause } = leaving(role, tell);
  const redis = new Redis({
    ...connectionOptions(address),
    ...roleOptions[role],
    reconnectOnError,
    connectTimeout: connectTimeoutMs,
    connectionName,
    // A command less that an access list must allow, and one that older servers do not know.
    disableClientInfo: true,
  });
  const { retryStrategy } = redis.options;
  redis.options.retryStrategy = (times) => Math.max(takePause(), Number(retryStrategy?.(times)));
  redis.on('error', tell);
  redis.on('ready', () => {
    told = undefined;
    log.debug({ connection: connectionName }, 'redis connected');
  });
  return redis;
}

export interface RedisCheckOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** What our keys begin with. */
  readonly prefix: string;
  /** How long to wait for Redis to answer. Default 10 000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until Redis answers and checks that it can be written to, is version 6.2 or newer (or a Valkey), evicts nothing,
 * and has all our keys on the node that we talk to. What it does not tell of that can only be warned about.
 * Throws RedisUnusableError.
 */
export async function checkRedis(redis: Redis, options: RedisCheckOptions): Promise<void> {
  const { log, prefix } = options;
  await whenReady(redis, options);
  const facts = parseFacts(await readInfo(redis));
  const refusal = refusalOf(facts, prefix);
  if (refusal !== undefined) throw new RedisUnusableError(refusal);
  await refuseAnotherNode(redis, prefix);
  log.info({ server: serverOf(facts) }, 'redis is usable');
  for (const advice of adviceOn(facts)) log.warn({ advice }, 'redis is not set up as recommended');
}

async function readInfo(redis: Redis): Promise<string> {
  try {
    return (await Promise.all(factSections.map((section) => redis.info(section)))).join('\r\n');
  } catch (cause) {
    throw new RedisUnusableError(
      `Redis: expected an answer to INFO, which BullMQ needs as well, got '${messageOf(cause)}'; allow it, on an access list by +info`,
      { cause },
    );
  }
}

/** One slot is one node, so a client of one node does: the right one. */
async function refuseAnotherNode(redis: Redis, prefix: string): Promise<void> {
  try {
    await redis.exists(`${prefix}:probe`);
  } catch (cause) {
    const words = messageOf(cause);
    const node = /^MOVED (\d+) (\S+)/.exec(words);
    if (node !== null) {
      throw new RedisUnusableError(
        `Redis: expected all keys on the node of REDIS_URL, got a cluster that keeps those of '${prefix}' (slot ${node[1]}) on ${node[2]}; use a Redis that is no cluster, or a cluster of one shard (docs/operations.md)`,
        { cause },
      );
    }
    throw new RedisUnusableError(
      `Redis: expected to read keys that begin with '${prefix}:', got '${words}'; allow it, on an access list by ~${prefix}:* (docs/operations.md)`,
      {
        cause,
      },
    );
  }
}

async function whenReady(redis: Redis, { clock, timeoutMs = 10_000, signal }: RedisCheckOptions): Promise<void> {
  let lastFailure = 'no connection yet';
  let onReady: () => void = () => undefined;
  const onError = (error: Error): void => {
    if (rankOf(error.message) <= rankOf(lastFailure)) lastFailure = error.message;
  };
  // A sentinel that does not know the master is told only here.
  let lastOfSentinels = '';
  const onSentinelError = (error: Error): void => {
    lastOfSentinels = `; ${error.message}`;
  };
  redis.on('error', onError);
  redis.on('sentinelError', onSentinelError);
  try {
    await withDeadline({ clock, ms: timeoutMs, signal }, async () => {
      if (redis.status === 'ready') return;
      await new Promise<void>((resolve) => {
        onReady = resolve;
        redis.once('ready', onReady);
      });
    });
  } catch (cause) {
    const failure = `${lastFailure}${lastOfSentinels}`;
    throw new RedisUnusableError(
      `Redis at ${shownAddress(redis.options)}: expected an answer within ${timeoutMs} ms, got none (${failure}); ${cureOf(failure)}`,
      { cause },
    );
  } finally {
    redis.off('error', onError);
    redis.off('sentinelError', onSentinelError);
    redis.off('ready', onReady);
  }
}
