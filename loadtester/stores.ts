import type { Clock } from '../platform/clock.ts';
import type { HealthCheck } from '../platform/observability/health.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Redis } from 'ioredis';
import type { Claims } from './claims.ts';
import { createMemoryClaims, createRedisClaims } from './claims.ts';
import type { Gates } from './gates.ts';
import { createMemoryGates, createRedisGates } from './gates.ts';
import { createStoreCall } from './store-call.ts';

/** What outlives a request. */
export interface Stores {
  readonly gates: Gates;
  readonly claims: Claims;
  /** For /readyz. */
  readonly readiness: Readonly<Record<string, HealthCheck>>;
}

export interface RedisStoresOptions {
  redis: Redis;
  /** Before every key. */
  prefix: string;
  clock: Clock;
  log: Logger;
  /** A text that it has never returned before. */
  newToken: () => string;
}

const STORE_TIMEOUT_MS = 2_000;

// How long a command of a replica that died keeps the others from starting it.
const CLAIM_LIFE_MS = 15_000;

/** Gates and claims in Redis: durable, and shared by all replicas. */
export function createRedisStores(options: RedisStoresOptions): Stores {
  const { redis, clock } = options;
  const storeCall = createStoreCall(clock, STORE_TIMEOUT_MS);
  return {
    gates: createRedisGates({ ...options, storeCall }),
    claims: createRedisClaims({ ...options, storeCall, lifeMs: CLAIM_LIFE_MS }),
    readiness: {
      redis: async () => {
        await storeCall('ping', () => redis.ping());
        return undefined;
      },
    },
  };
}

/** Gates and claims in the memory of this process. */
export const createMemoryStores = (): Stores => ({
  gates: createMemoryGates(),
  claims: createMemoryClaims(),
  readiness: {},
});
