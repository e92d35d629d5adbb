/**
 * Who runs a command, so that no other replica starts it meanwhile.
 *
 * In Redis a claim is a key with a life of its own, renewed while the command runs. A replica that dies frees its claims
 * when that life ends. A Redis that was emptied gets the claims back at the next renewal; until then a second replica may
 * start the same command.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { StoreCall } from './store-call.ts';

export interface Claim {
  /** Never throws; a claim that cannot be given back ends by itself. */
  release(): Promise<void>;
}

export interface Claims {
  /** Undefined when somebody has it already. Throws StoreUnavailableError. */
  acquire(id: string): Promise<Claim | undefined>;
}

export interface RedisClaimsOptions {
  redis: Redis;
  prefix: string;
  storeCall: StoreCall;
  clock: Clock;
  log: Logger;
  /** A text that no other claim has ever had. */
  newToken: () => string;
  /** How long a claim outlives a replica that died, ms. It is renewed three times in this span. */
  lifeMs: number;
}

// KEYS[1] the claim, ARGV[1] the token, ARGV[2] its life in ms. 1: it is ours (again); 0: somebody else has it.
// Also for the first time: a connection that breaks has it sent again, and what it did before must not look like another's.
const RENEW = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

// KEYS[1] the claim, ARGV[1] the token. Deletes it only while it is ours.
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

export function createRedisClaims(options: RedisClaimsOptions): Claims {
  const { redis, prefix, storeCall, newToken, lifeMs } = options;
  return {
    acquire: async (id) => {
      const key = `${prefix}:command:${id}`;
      const token = newToken();
      try {
        const isOurs = await storeCall(`claim command ${id}`, () => redis.eval(RENEW, 1, key, token, lifeMs));
        return isOurs === 1 ? holdClaim(options, key, token) : undefined;
      } catch (error) {
        // A Redis that hangs makes it ours later all the same: nobody would run the command, and everybody think it runs.
        giveBack(options, key, token).catch(() => undefined);
        throw error;
      }
    },
  };
}

const giveBack = ({ redis, storeCall }: RedisClaimsOptions, key: string, token: string): Promise<unknown> =>
  storeCall(`release ${key}`, () => redis.eval(RELEASE, 1, key, token));

function holdClaim(options: RedisClaimsOptions, key: string, token: string): Claim {
  const { redis, storeCall, clock, log, lifeMs } = options;
  const renew = async (): Promise<void> => {
    try {
      const isOurs = await storeCall(`renew ${key}`, () => redis.eval(RENEW, 1, key, token, lifeMs));
      if (isOurs === 1) return;
      stopRenewing();
      log.warn({ claim: key }, 'claim lost, another replica runs the same command');
    } catch (error) {
      log.warn({ claim: key, err: error }, 'claim not renewed');
    }
  };
  const stopRenewing = clock.every(lifeMs / 3, () => void renew());
  return {
    release: async () => {
      stopRenewing();
      try {
        await giveBack(options, key, token);
      } catch (error) {
        log.warn({ claim: key, err: error }, 'claim not released, it ends by itself');
      }
    },
  };
}

/** For a load tester that has no second replica. */
export function createMemoryClaims(): Claims {
  const held = new Set<string>();
  return {
    acquire: (id) => {
      if (held.has(id)) return Promise.resolve(undefined);
      held.add(id);
      const release = (): Promise<void> => Promise.resolve(void held.delete(id));
      return Promise.resolve({ release });
    },
  };
}
