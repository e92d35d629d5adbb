/** How far intervals are stretched, from the place where the schedulers agree on it. */
import { createRedis } from '../../platform/redis/redis.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createPaceStore, ratioIn } from '../../queue/pace-store.ts';
import { redisPrefix } from '../stage/aviary.ts';

/** Whoever opens it closes it. */
export interface PaceView {
  /** Of so many slots one is taken at present: 1 while intervals are as long as they are written. */
  ratio(): Promise<number>;
  close(): void;
}

export function openPace(redisUrl: string): PaceView {
  const redis = createRedis({ url: redisUrl, role: 'consumer', connectionName: 'bench-pace', log });
  const store = createPaceStore({ redis, prefix: redisPrefix });
  return { ratio: async () => ratioIn(await store.read()), close: () => redis.disconnect() };
}
