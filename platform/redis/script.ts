/** Lua that Redis runs in one go, sent once and then named by its digest. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

export type RedisScript = (keys: readonly string[], args: readonly string[]) => Promise<unknown>;

/** Fails as the command does. A Redis that does not know the script (it was restarted) is sent it again. */
export function createRedisScript(redis: Pick<Redis, 'eval' | 'evalsha'>, lua: string): RedisScript {
  const digest = createHash('sha1').update(lua).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
