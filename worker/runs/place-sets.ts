/**
 * The sets of run-places.ts held against the statuses, which are the truth.
 *
 *   (emptied) ──somebody looks──▶ counting ──20 s later, the runs of all statuses go in──▶ counted
 *
 * A place that was not kept any longer is kept for the run that goes on, and else taken away.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../../platform/clock.ts';
import { keyText } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';

export interface PlaceSets {
  readonly redis: Redis;
  readonly clock: Pick<Clock, 'now'>;
  /** Canaries whose status says that a run goes on. */
  readonly running: () => Iterable<CanaryKey>;
  /** Canaries whose status says that they wait for a place. */
  readonly queued: () => Iterable<WaitingCanary>;
  /** How far intervals are stretched at present; absent: never. */
  readonly ratio?: (() => Promise<number>) | undefined;
}

export interface WaitingCanary extends CanaryKey {
  readonly intervalMs: number;
}

export interface Keys {
  readonly runs: string;
  readonly waiting: string;
  readonly seen: string;
  /** `counted`, or before that the time since when the sets are new; emptied with them. */
  readonly state: string;
}

export const keysOf = (prefix: string): Keys => ({
  runs: `${prefix}:runs`,
  waiting: `${prefix}:runs-waiting`,
  seen: `${prefix}:runs-waiting-seen`,
  state: `${prefix}:runs-state`,
});

/** Milliseconds that a place is kept without a step, at least. */
export const keptMs = 120_000;

/** A place, or a turn in the line, is kept without a step for so many intervals, where that is long. */
export const intervalsKept = 4;

/** What `state` says once all runs are in the sets; before that nobody is given a place. */
export const counted = 'counted';

/**
 * Milliseconds from new sets until they are filled. A step that was on its way when they were emptied has saved its status
 * or lost its lease (6 s) by then, and every worker's watch has heard of it.
 */
export const settlingMs = 20_000;

/** Unless they were emptied once more since they were looked at. */
const fillIn = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
for index = 3, #ARGV do redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[index]) end
redis.call('SET', KEYS[2], '${counted}')
return 1`;

/** @returns whether the sets hold every run that goes on */
export async function repair(sets: PlaceSets, keys: Keys): Promise<boolean> {
  const { redis, clock } = sets;
  const now = clock.now();
  const [state, expired] = await Promise.all([
    redis.get(keys.state),
    redis.zrangebyscore(keys.runs, '-inf', String(now)),
  ]);
  if (state !== counted) return fill(sets, keys, state);
  if (expired.length === 0) return true;
  const going = goingOn(sets);
  const over = expired.filter((key) => !going.has(key));
  const change = redis.multi();
  if (over.length > 0) change.zrem(keys.runs, over);
  for (const key of expired) if (going.has(key)) change.zadd(keys.runs, 'GT', String(now + keptMs), key);
  await change.exec();
  return true;
}

async function fill(sets: PlaceSets, keys: Keys, since: string | null): Promise<boolean> {
  const { redis, clock } = sets;
  const now = clock.now();
  if (since === null) {
    await redis.set(keys.state, String(now), 'NX');
    return false;
  }
  if (now - Number(since) < settlingMs) return false;
  const until = String(now + keptMs);
  return (await redis.eval(fillIn, 2, keys.runs, keys.state, since, until, ...goingOn(sets))) === 1;
}

/** One that has not asked again for this long, and for {@link intervalsKept}, waits no more, whatever its status says. */
export const believedMs = 600_000;

/**
 * Takes those out of the line who no longer want a place: their revision was taken back, or their Canary is gone. They would
 * keep the place free that is theirs. One that could not ask for a while, as its primary is not ready, keeps its turn as
 * long as a run keeps its place without a step.
 */
export async function tidyLine(sets: PlaceSets, { waiting, seen }: Keys): Promise<void> {
  const { redis, clock } = sets;
  const now = clock.now();
  const [silent, stretch] = await Promise.all([
    redis.zrangebyscore(seen, '-inf', String(now + believedMs - keptMs), 'WITHSCORES'),
    sets.ratio?.() ?? 1,
  ]);
  if (silent.length === 0) return;
  const longer = longerBelieved(sets, stretch);
  const gone = silent.filter((key, index) => {
    if (index % 2 === 1) return false;
    const more = longer.get(key);
    return more === undefined || Number(silent[index + 1]) + more <= now;
  });
  if (gone.length > 0) await redis.multi().zrem(waiting, gone).zrem(seen, gone).exec();
}

/** Those whose status says that they wait, and for how many milliseconds more than others one is believed that asks rarely. */
function longerBelieved({ queued }: PlaceSets, stretch: number): ReadonlyMap<string, number> {
  const more = ({ intervalMs }: WaitingCanary): number =>
    Math.max(0, intervalsKept * intervalMs * stretch - believedMs);
  return new Map([...queued()].map((canary) => [keyText(canary), more(canary)]));
}

const goingOn = ({ running }: PlaceSets): ReadonlySet<string> => keysIn(running());

const keysIn = (canaries: Iterable<CanaryKey>): ReadonlySet<string> => new Set([...canaries].map(keyText));
