/** Remembers in Redis what has been announced, so that a repeated delivery costs one look-up instead of the work. */
import type { Redis } from 'ioredis';

/** A mark lasts for a day. All methods reject when Redis cannot be asked. */
export interface SentMarkers {
  /** Those of the ids that are marked. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  mark(ids: readonly string[]): Promise<void>;
  /** Marks one; false when it was marked before: exactly one caller gets true. */
  claim(id: string): Promise<boolean>;
}

/** Longer than any outbox is carried along. */
const lifeSeconds = 86_400;

export function createSentMarkers({ redis, prefix }: { readonly redis: Redis; readonly prefix: string }): SentMarkers {
  const keyOf = (id: string): string => `${prefix}:sent:${id}`;
  return {
    known: async (ids) => {
      if (ids.length === 0) return new Set();
      const marks = await redis.mget(ids.map(keyOf));
      return new Set(ids.filter((_id, index) => marks[index] !== null));
    },
    mark: async (ids) => {
      await Promise.all(ids.map((id) => redis.set(keyOf(id), '1', 'EX', lifeSeconds)));
    },
    claim: async (id) => (await redis.set(keyOf(id), '1', 'EX', lifeSeconds, 'NX')) === 'OK',
  };
}
