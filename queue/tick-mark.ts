/** When a scheduler last added what was due: those of a CronJob are gone before anybody could ask them. Rejects without Redis. */
import type { Redis } from 'ioredis';

export interface TickMark {
  /** @param at epoch milliseconds */
  set(at: number): Promise<void>;
  /** Epoch milliseconds of the last tick of any scheduler; undefined when Redis was emptied since, or none ran. */
  read(): Promise<number | undefined>;
}

export function createTickMark({ redis, prefix }: { readonly redis: Redis; readonly prefix: string }): TickMark {
  const key = `${prefix}:last-tick`;
  return {
    set: async (at) => {
      await redis.set(key, String(at));
    },
    read: async () => {
      const text = await redis.get(key);
      return text === null ? undefined : Number(text);
    },
  };
}
