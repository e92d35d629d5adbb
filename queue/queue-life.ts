/** Tells whether the queues in Redis are still those that one knew: a token lies beside them and is lost with them. */
import type { QueueConnection } from './step-queue.ts';

/** The token of the queues as they are now; another one than before: Redis was emptied meanwhile. Rejects without Redis. */
export type QueueLife = () => Promise<string>;

export interface QueueLifeOptions extends Pick<QueueConnection, 'redis' | 'prefix'> {
  /** Whoever finds no token leaves this one. */
  readonly newToken: () => string;
}

export function createQueueLife({ redis, prefix, newToken }: QueueLifeOptions): QueueLife {
  const key = `${prefix}:life`;
  return async () => {
    const offered = newToken();
    await redis.set(key, offered, 'NX');
    return (await redis.get(key)) ?? offered;
  };
}
