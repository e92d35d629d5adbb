import { startLoneRedis } from '../../sandbox/lone-redis.ts';
import type { LoneRedis, RedisProgram } from '../../sandbox/lone-redis.ts';

/** A real Redis of one test file's own. */
export type RedisServer = LoneRedis;

export const startRedisServer = (program: RedisProgram = 'redis-server'): Promise<RedisServer> =>
  startLoneRedis({ program });
