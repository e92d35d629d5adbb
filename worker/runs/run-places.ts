/**
 * How many runs go on and who waits, in Redis for all workers: three sorted sets that can be lost.
 *
 *   runs      each run with the time until which its place is kept; every step of the run keeps it for longer
 *   waiting   who waits, by when they began; seen: until when they are believed to, if they don't ask rarely
 *
 * The statuses are the truth: see place-sets.ts. Nobody is given a place beyond the limit: that is decided by Redis, at once.
 */
import type { Redis } from 'ioredis';
import type { PlaceAnswer } from '../../canary/queued.ts';
import type { Clock } from '../../platform/clock.ts';
import { keyText } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { believedMs, counted, intervalsKept, keptMs, keysOf, repair, tidyLine } from './place-sets.ts';
import type { Keys, WaitingCanary } from './place-sets.ts';
import { limitOf, placesFor } from './places.ts';
import type { RunLimits, Standing, Waiting } from './places.ts';

export interface RunPlacesOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly limits: RunLimits;
  readonly clock: Pick<Clock, 'now'>;
  /** Canaries whose status says that a run goes on. */
  readonly running: () => Iterable<CanaryKey>;
  /** Canaries whose status says that they wait for a place. */
  readonly queued: () => Iterable<WaitingCanary>;
  /** How far intervals are stretched at present; absent: never. */
  readonly ratio?: (() => Promise<number>) | undefined;
}

/** All methods reject when Redis cannot be asked. */
export interface RunPlaces {
  /** @param since epoch milliseconds at which the canary began to wait */
  admit(canary: CanaryKey, since: number): Promise<PlaceAnswer>;
  /** For each step of a run: keeps its place. @param intervalMs of the canary */
  keep(canary: CanaryKey, intervalMs: number): Promise<void>;
  /** The run is over. */
  leave(canary: CanaryKey): Promise<void>;
}

/** How long the line is looked at without being read again: thousands may ask at once. */
export const standingMs = 1_000;
/** How often one may see a free place that another takes first; then it asks at its next step. */
export const mostTries = 3;

/** Gives a place unless there is none or nobody knows, whoever else asks at this moment. */
const grant = `
if redis.call('GET', KEYS[4]) ~= '${counted}' then return 0 end
local home, runs, ofHome = ARGV[2] .. '.', 0, 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if key ~= ARGV[1] then
    runs = runs + 1
    if string.sub(key, 1, #home) == home then ofHome = ofHome + 1 end
  end
end
if (ARGV[3] ~= '' and runs >= tonumber(ARGV[3])) or (ARGV[4] ~= '' and ofHome >= tonumber(ARGV[4])) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[5], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1`;

export function createRunPlaces(options: RunPlacesOptions): RunPlaces {
  const { redis, clock } = options;
  const keys = keysOf(options.prefix);
  const line = createLine(options, keys);
  return {
    admit: async (canary, since) => {
      const key = keyText(canary);
      if (await holds(options, keys, key)) return { kind: 'admitted' };
      const seenUntil = String(clock.now() + believedMs);
      await redis.multi().zadd(keys.waiting, 'NX', String(since), key).zadd(keys.seen, seenUntil, key).exec();
      for (let tries = 0; tries < mostTries; tries += 1) {
        const answer = await line.answerTo({ key, namespace: canary.namespace, since });
        if (answer.kind !== 'admitted') return answer;
        const isMine = await isGranted(options, keys, canary);
        // Either a place is taken, or others were faster: the line has moved.
        line.forget();
        if (isMine) return answer;
      }
      return { kind: 'counting' };
    },
    keep: async (canary, intervalMs) => {
      const until = clock.now() + Math.max(keptMs, intervalsKept * intervalMs);
      await redis.zadd(keys.runs, String(until), keyText(canary));
    },
    leave: async (canary) => {
      const key = keyText(canary);
      await redis.multi().zrem(keys.runs, key).zrem(keys.waiting, key).zrem(keys.seen, key).exec();
    },
  };
}

const limitText = (limit: number): string => (Number.isFinite(limit) ? String(limit) : '');

/** A step that was given a place and did not come to its end is given it again. */
async function holds({ redis, clock }: RunPlacesOptions, { runs }: Keys, key: string): Promise<boolean> {
  if ((await redis.zscore(runs, key)) === null) return false;
  await redis.zadd(runs, 'GT', String(clock.now() + keptMs), key);
  return true;
}

async function isGranted(
  { redis, limits, clock }: RunPlacesOptions,
  { runs, waiting, seen, state }: Keys,
  canary: CanaryKey,
): Promise<boolean> {
  const cluster = limits.cluster === undefined ? '' : String(limits.cluster);
  const namespace = limitText(limitOf(limits, canary.namespace));
  const until = String(clock.now() + keptMs);
  const args = [keyText(canary), canary.namespace, cluster, namespace, until];
  return (await redis.eval(grant, 4, runs, waiting, seen, state, ...args)) === 1;
}

interface Line {
  answerTo(one: Waiting): Promise<PlaceAnswer>;
  forget(): void;
}

function createLine(options: RunPlacesOptions, keys: Keys): Line {
  const { clock, limits } = options;
  let known: { readonly at: number; readonly standing: Promise<Standing | undefined> } | undefined;
  const standing = (): Promise<Standing | undefined> => {
    if (known === undefined || clock.now() - known.at >= standingMs) {
      known = { at: clock.now(), standing: readStanding(options, keys) };
      // A look that failed is not kept.
      known.standing.catch(() => (known = undefined));
    }
    return known.standing;
  };
  return {
    answerTo: async (one) => {
      const now = await standing();
      if (now === undefined) return { kind: 'counting' };
      const isKnown = now.waiting.some(({ key }) => key === one.key);
      const waiting = isKnown ? now.waiting : [...now.waiting, one];
      return placesFor(limits, { ...now, waiting }).get(one.key) ?? { kind: 'admitted' };
    },
    forget: () => {
      known = undefined;
    },
  };
}

/** Undefined while it is not known how many runs go on. */
async function readStanding(options: RunPlacesOptions, keys: Keys): Promise<Standing | undefined> {
  const { redis } = options;
  await tidyLine(options, keys);
  if (!(await repair(options, keys))) return undefined;
  const [runs, waiting] = await Promise.all([
    redis.zrange(keys.runs, '0', '-1'),
    redis.zrange(keys.waiting, '0', '-1', 'WITHSCORES'),
  ]);
  const counts = new Map<string, number>();
  for (const key of runs) counts.set(homeOf(key), (counts.get(homeOf(key)) ?? 0) + 1);
  return { runs: counts, waiting: waitingOf(waiting) };
}

/** The namespace of a canary's key, `shop.podinfo.1a2b3c4d`. */
export const homeOf = (key: string): string => key.slice(0, key.indexOf('.'));

function waitingOf(pairs: readonly string[]): readonly Waiting[] {
  const waiting: Waiting[] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    const key = pairs[index] ?? '';
    waiting.push({ key, namespace: homeOf(key), since: Number(pairs[index + 1]) });
  }
  return waiting;
}
