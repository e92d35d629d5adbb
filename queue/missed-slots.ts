/** Slots that had passed when a worker came to their job. Workers count, and the next tick takes the count. */
import type { QueueConnection } from './step-queue.ts';

export interface MissedSlots {
  /** Never rejects: a slot that is not counted is one of many. */
  note(): void;
  /** How many were counted since the last call of anybody. Rejects without Redis. */
  take(): Promise<number>;
}

export function createMissedSlots({ redis, prefix }: Pick<QueueConnection, 'redis' | 'prefix'>): MissedSlots {
  const key = `${prefix}:missed`;
  return {
    note: () => void redis.incr(key).catch(() => undefined),
    take: async () => Number((await redis.getdel(key)) ?? 0),
  };
}
