/** Whether anybody works at a queue. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

export interface Attendance {
  readonly queue: Pick<Queue, 'getRanges' | 'toKey'>;
  readonly redis: Pick<Redis, 'zcount' | 'exists'>;
}

/** Jobs that are looked at; one of a worker that lives is enough. */
const mostActive = 500;

/**
 * Whether a worker has ended a job since then, or holds the lock of one. A worker that was killed or stands still loses its
 * locks within seconds. Rejects when Redis cannot be asked.
 *
 * @param since epoch milliseconds
 */
export async function isAttended({ queue, redis }: Attendance, since: number): Promise<boolean> {
  const [completed, failed, active] = await Promise.all([
    redis.zcount(queue.toKey('completed'), since, '+inf'),
    redis.zcount(queue.toKey('failed'), since, '+inf'),
    queue.getRanges(['active'], 0, mostActive - 1),
  ]);
  if (completed + failed > 0) return true;
  return active.length > 0 && (await redis.exists(active.map((id) => queue.toKey(`${id}:lock`)))) > 0;
}
