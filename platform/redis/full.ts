/** A Redis that has reached `maxmemory` and evicts nothing: it refuses what could make it larger and does everything else. */
import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';

/** Bytes. */
export interface RedisMemory {
  readonly used: number;
  /** 0 where Redis has no limit, or tells none. */
  readonly limit: number;
}

/** Rejects when Redis cannot be asked. */
export async function readMemory(redis: Pick<Redis, 'info'>): Promise<RedisMemory> {
  const info = await redis.info('memory');
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { used: field('used_memory'), limit: field('maxmemory') };
}

const refusal = /\bOOM command not allowed/;

/**
 * Whether Redis refused a command for want of memory: the command itself, one in a script, or one of a transaction, whose
 * own error says only that it was discarded.
 */
export function isRefusedForMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return refusal.test(error.message) || causesOf(error).some(isRefusedForMemory);
}

function causesOf(error: Error & { readonly previousErrors?: unknown }): readonly unknown[] {
  const { cause, previousErrors } = error;
  return [cause, ...(Array.isArray(previousErrors) ? (previousErrors as readonly unknown[]) : [])];
}

/** Milliseconds. */
const askAgainMs = 500;

export interface WaitForRoom {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Ends the waiting: the command is given a last time. */
  readonly signal: AbortSignal;
}

/** Gives a command until Redis has room for it. Fails as the command does when that is for another reason, or the last time. */
export async function whenThereIsRoom<T>({ clock, signal }: WaitForRoom, command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command();
    } catch (error) {
      if (!isRefusedForMemory(error) || signal.aborted) throw error;
    }
    await clock.sleep(askAgainMs, signal).catch(() => undefined);
  }
}
