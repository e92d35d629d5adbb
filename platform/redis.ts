import { Redis } from 'ioredis';
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

/** Begins to connect and returns; reconnects for ever. Whoever creates it must `quit` or `disconnect` it. Throws on an unusable URL. */
export function createRedis(_connection: RedisConnection): Redis {
  throw new Error('the Redis connection is under construction');
}

/**
 * Waits until Redis answers (at most `timeoutMs`) and checks that it is version 6.2 or newer and evicts nothing. Where the
 * server forbids CONFIG (managed services do) the policy can only be warned about. Throws RedisUnusableError.
 */
export async function checkRedis(_redis: Redis, _options: { log: Logger; timeoutMs?: number }): Promise<void> {
  throw new Error('the Redis check is under construction');
}
