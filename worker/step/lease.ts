/**
 * A short lease in Redis per canary: it keeps two steps of one canary apart.
 *
 * It is a convenience, not the truth: Redis may be emptied and a paused process may wake up late. What must never go
 * wrong is guarded by the resourceVersion of the objects; the lease makes that guard rarely needed.
 */
import type { Redis } from 'ioredis';
import type { Cancel, Clock } from '../../platform/clock.ts';
import { withDeadline } from '../../platform/deadline.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { createRedisScript } from '../../platform/redis/script.ts';

/** Somebody else may be at it by now: what was done under the lease has to end. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export interface Lease {
  /** Whether it may still be relied on: never true for longer than the lease lasts in Redis. */
  isHeld(): boolean;
  /** Asks Redis, unless it can't be asked: then the answer is `isHeld`. */
  confirm(): Promise<boolean>;
  /** What the holder before has left for the next one, unless that was too long ago. */
  readonly found: string | undefined;
  /**
   * Gives it up; gives up nothing that another holder has taken since.
   *
   * @param left for the next holder
   */
  release(left?: string): Promise<void>;
}

export interface Leases {
  /**
   * @param onLost called at most once, when it was lost before it was released
   * @returns undefined when somebody else holds it
   * @throws Error of ioredis when Redis cannot be asked, or is full
   */
  take(key: string, onLost: (error: LeaseLostError) => void): Promise<Lease | undefined>;
  /** What the last holder has left, for who only wants to know that; for five minutes. Rejects when Redis cannot be asked. */
  left(key: string): Promise<string | undefined>;
}

export interface LeaseOptions {
  readonly redis: Redis;
  /** The queues' prefix. */
  readonly prefix: string;
  readonly clock: Clock;
  /** A text that no other holder has; it begins with the name of the holder, for whoever looks. */
  readonly newToken: () => string;
  /** Milliseconds that a lease outlives its last renewal. */
  readonly ttlMs: number;
  readonly log: Logger;
}

const takeIfFree = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return {1, redis.call('GET', KEYS[2])} end
return {0}`;
const renewIfMine = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;
const leaveIfMine = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return redis.call('DEL', KEYS[1])`;
/** Milliseconds that what a holder leaves is kept: longer than a watch may be silent. */
const leftForMs = 300_000;

/** Renewals per life of a lease: two may fail before it is lost. */
const renewals = 3;
/** How long a holder waits for Redis before it goes by its own clock. */
const patienceMs = 1_000;

const createScripts = (redis: Redis) => ({
  take: createRedisScript(redis, takeIfFree),
  renew: createRedisScript(redis, renewIfMine),
  leave: createRedisScript(redis, leaveIfMine),
});

export function createLeases(options: LeaseOptions): Leases {
  const { prefix, clock, newToken, ttlMs } = options;
  const scripts = createScripts(options.redis);
  const leftKeyOf = (name: string): string => `${prefix}:left:${name}`;
  return {
    left: async (name) => (await options.redis.get(leftKeyOf(name))) ?? undefined,
    take: async (name, onLost) => {
      const key = `${prefix}:lease:${name}`;
      const leftKey = leftKeyOf(name);
      const token = newToken();
      const askedAt = clock.now();
      const answer = await scripts.take([key, leftKey], [token, String(ttlMs)]);
      const [isTaken, left] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
      if (isTaken !== 1) return undefined;
      const found = typeof left === 'string' ? left : undefined;
      return hold({ ...options, scripts }, { key, leftKey, token, found, until: askedAt + ttlMs, onLost });
    },
  };
}

interface Taken {
  readonly key: string;
  readonly leftKey: string;
  readonly token: string;
  readonly found: string | undefined;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly onLost: (error: LeaseLostError) => void;
}

/** held ──released by us──▶ released;  held ──not renewed, or somebody else's──▶ lost */
interface HoldOptions extends LeaseOptions {
  readonly scripts: ReturnType<typeof createScripts>;
}

interface Holding extends HoldOptions, Omit<Taken, 'until'> {
  state: 'held' | 'lost' | 'released';
  until: number;
  stopRenewing: Cancel;
}

function hold(options: HoldOptions, taken: Taken): Lease {
  const { clock, ttlMs } = options;
  const holding: Holding = { ...options, ...taken, state: 'held', stopRenewing: () => undefined };
  holding.stopRenewing = clock.every(ttlMs / renewals, () => {
    if (isHeld(holding)) void tryToRenew(holding);
  });
  return {
    found: taken.found,
    isHeld: () => isHeld(holding),
    confirm: async () => {
      if (isHeld(holding)) await tryToRenew(holding);
      return isHeld(holding);
    },
    release: (left = '') => release(holding, left),
  };
}

function isHeld(holding: Holding): boolean {
  const { clock, until, ttlMs } = holding;
  if (holding.state === 'held' && clock.now() >= until) lose(holding, `not renewed within ${ttlMs} ms`);
  return holding.state === 'held';
}

function lose(holding: Holding, why: string): void {
  if (holding.state !== 'held') return;
  holding.state = 'lost';
  holding.stopRenewing();
  holding.onLost(new LeaseLostError(`lease ${holding.key}: ${why}`));
}

async function tryToRenew(holding: Holding): Promise<void> {
  const { clock, ttlMs, log } = holding;
  try {
    await withDeadline({ clock, ms: Math.min(patienceMs, ttlMs / renewals) }, () => renew(holding));
  } catch (error) {
    log.warn({ err: error, lease: holding.key }, 'lease not renewed');
  }
}

async function renew(holding: Holding): Promise<void> {
  const { scripts, clock, key, token, ttlMs } = holding;
  const askedAt = clock.now();
  const renewed = await scripts.renew([key], [token, String(ttlMs)]);
  if (renewed === 1) holding.until = Math.max(holding.until, askedAt + ttlMs);
  else lose(holding, 'taken away, or emptied with the rest of Redis');
}

async function release(holding: Holding, left: string): Promise<void> {
  const { scripts, clock, key, leftKey, token, log } = holding;
  if (holding.state !== 'held') return;
  holding.state = 'released';
  holding.stopRenewing();
  try {
    await withDeadline({ clock, ms: patienceMs }, () =>
      scripts.leave([key, leftKey], [token, left, String(leftForMs)]),
    );
  } catch (error) {
    // It runs out by itself.
    log.warn({ err: error, lease: key }, 'lease not released');
  }
}
