/**
 * Where schedulers agree on how far intervals are stretched, and workers look it up. Lost with Redis: then nothing is
 * stretched until the schedulers find out again. Both methods reject when Redis cannot be asked.
 */
import type { QueueConnection } from './step-queue.ts';

export interface PaceStore {
  /** What was saved last, as text; undefined when nothing is, or no scheduler has come by for a while. */
  read(): Promise<string | undefined>;
  /** Saves, unless another one did since `expected` was read. */
  replace(expected: string | undefined, next: string): Promise<void>;
}

/** A ratio that no scheduler keeps up is nobody's any more: longer than the longest pause between two ticks of a CronJob. */
const lifeSeconds = 600;

const replaceScript = `
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
`;

export function createPaceStore({ redis, prefix }: Pick<QueueConnection, 'redis' | 'prefix'>): PaceStore {
  const key = `${prefix}:pace`;
  return {
    read: async () => (await redis.get(key)) ?? undefined,
    replace: async (expected, next) => {
      await redis.eval(replaceScript, 1, key, expected ?? '', next, String(lifeSeconds));
    },
  };
}

/** The ratio that a saved text tells; 1 where it tells none. */
export function ratioIn(text: string | undefined): number {
  const { ratio } = parsed(text);
  return typeof ratio === 'number' && ratio >= 1 ? ratio : 1;
}

function parsed(text: string | undefined): { readonly ratio?: unknown } {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
