import type { Redis } from 'ioredis';
import type { StoreCall } from './store-call.ts';

export type GateState = 'open' | 'closed';

/** Which of a canary's two switches: the one for confirm-* hooks or the one for rollback hooks. */
export type GateKind = 'gate' | 'rollback';

/** Switches that people open and close and that webhooks ask. One that nobody has set is closed. */
export interface Gates {
  /** Throws StoreUnavailableError. */
  read(key: string): Promise<GateState>;
  /** Throws StoreUnavailableError; the switch may have been set all the same, and setting it again does no harm. */
  set(key: string, state: GateState): Promise<void>;
}

/** The reference's keys (spec/loadtester.md section 2). */
export function gateKey(kind: GateKind, { name, namespace }: { name: string; namespace: string }): string {
  return kind === 'gate' ? `${name}.${namespace}` : `rollback.${name}.${namespace}`;
}

/** Durable and shared by all replicas: one hash, whose fields are the open gates. A closed gate takes no room. */
export function createRedisGates(options: { redis: Redis; prefix: string; storeCall: StoreCall }): Gates {
  const { redis, prefix, storeCall } = options;
  const hash = `${prefix}:gates`;
  return {
    read: (key) =>
      storeCall(`read gate ${key}`, async () => ((await redis.hexists(hash, key)) === 1 ? 'open' : 'closed')),
    set: async (key, state) => {
      await storeCall(`set gate ${key} to ${state}`, () =>
        state === 'open' ? redis.hset(hash, key, 'open') : redis.hdel(hash, key),
      );
    },
  };
}

/** Lost when the process ends, and not seen by other replicas: what the reference does. */
export function createMemoryGates(): Gates {
  const open = new Set<string>();
  return {
    read: (key) => Promise.resolve(open.has(key) ? 'open' : 'closed'),
    set: (key, state) => {
      if (state === 'open') open.add(key);
      else open.delete(key);
      return Promise.resolve();
    },
  };
}
