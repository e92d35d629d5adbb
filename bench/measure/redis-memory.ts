import type { Redis } from 'ioredis';

/** MiB that Redis has allocated for its data, by its own word. */
export async function redisMebibytes(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? Number.NaN) / 2 ** 20;
}

/** For example `7.0.15`. */
export async function redisVersion(redis: Redis): Promise<string> {
  return /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? 'unknown';
}
