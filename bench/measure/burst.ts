/** Has the workers look at every canary at the same moment, and sees when all of it is worked off. */
import type { Redis } from 'ioredis';
import pLimit from 'p-limit';
import { slotAt } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { slotJobId, wakeJobId } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { createStepQueue } from '../../queue/step-queue.ts';
import type { DueStep } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { redisPrefix } from '../stage/aviary.ts';
import type { Inhabitant } from '../world/world.ts';
import { viewSteps } from './finished-jobs.ts';

/** Milliseconds from the moment at which the first job is added. */
export interface Burst {
  /** Until the last one is. */
  readonly addingMs: number;
  /** Until the last one is done. */
  readonly doneMs: number;
}

/** Whoever opens it closes it. */
export interface Burster {
  /**
   * Wakes all of them: every step is taken in full.
   *
   * @param occasion tells this burst from the others: lower case and digits
   * @throws Error when it is not worked off within `seconds`
   */
  wakeAll(inhabitants: readonly Inhabitant[], occasion: string, seconds: number): Promise<Burst>;
  /**
   * Adds the slots that are current, as the scheduler would have. It must not run: a slot that it has added before is not
   * run again. What was done in an earlier burst is forgotten.
   *
   * @throws Error when it is not worked off within `seconds`
   */
  slotsOfAll(inhabitants: readonly Inhabitant[], seconds: number): Promise<Burst>;
  /** Takes out of the queue what waits and what is due later: slots that the scheduler had added ahead. */
  forgetAhead(): Promise<void>;
  close(): Promise<void>;
}

/** On their way to Redis at the same time: what others add comes in between, as with the scheduler's own chunks. */
const wakesAtOnce = 50;

export function openBurster(redisUrl: string): Burster {
  const redis = createRedis({ url: redisUrl, role: 'consumer', connectionName: 'bench-burst', log });
  const queue = createStepQueue({ redis, prefix: redisPrefix, log, clock });
  const view = viewSteps(redisUrl);
  const completed = view.queue.toKey('completed');
  const timed = async (ids: readonly string[], seconds: number, add: () => Promise<unknown>): Promise<Burst> => {
    const begunAt = clock.now();
    await add();
    const addedAt = clock.now();
    const doneAt = await lastScore({ redis, set: completed, ids, seconds });
    return { addingMs: addedAt - begunAt, doneMs: doneAt - begunAt };
  };
  return {
    wakeAll: (inhabitants, occasion, seconds) => {
      const keys = inhabitants.map(keyOf);
      const ids = keys.map((key) => wakeJobId(key, occasion));
      const limit = pLimit(wakesAtOnce);
      return timed(ids, seconds, () => Promise.all(keys.map((key) => limit(() => queue.wake(key, occasion)))));
    },
    slotsOfAll: async (inhabitants, seconds) => {
      await view.queue.clean(0, 0, 'completed');
      const steps = currentSteps(inhabitants, clock.now());
      return timed(steps.map(slotJobId), seconds, () => queue.addDue(steps));
    },
    forgetAhead: () => view.queue.drain(true),
    close: async () => {
      await queue.close();
      await view.close();
      redis.disconnect();
    },
  };
}

const keyOf = ({ namespace, name, rhythm }: Inhabitant): CanaryKey => ({ namespace, name, uid: rhythm.uid });

/** Namespaces take turns, as in a tick. */
function currentSteps(inhabitants: readonly Inhabitant[], now: number): readonly DueStep[] {
  const positions = new Map<string, number>();
  return inhabitants.map((inhabitant) => {
    const { namespace, rhythm } = inhabitant;
    const position = (positions.get(namespace) ?? 0) + 1;
    positions.set(namespace, position);
    return { name: 'step', canary: keyOf(inhabitant), slot: slotAt(rhythm, now), dueAt: now, position };
  });
}

export interface Awaited {
  readonly redis: Pick<Redis, 'zmscore'>;
  /** A sorted set of ids by time. */
  readonly set: string;
  /** At least one. */
  readonly ids: readonly string[];
  readonly seconds: number;
}

/** Ids that are asked for at a time: what is there is not asked for again, so that waiting costs Redis next to nothing. */
const chunkSize = 100;

/** Resolves when all ids are in the set, to the largest of their scores. */
export async function lastScore({ redis, set, ids, seconds }: Awaited): Promise<number> {
  let left = ids;
  let last = 0;
  const takeAway = async (): Promise<boolean> => {
    const chunk = left.slice(0, chunkSize);
    const scores = await redis.zmscore(set, ...chunk);
    const missing = chunk.filter((_, index) => typeof scores[index] !== 'string');
    last = Math.max(last, ...scores.map(Number));
    left = [...missing, ...left.slice(chunkSize)];
    return missing.length === 0 && left.length > 0;
  };
  const look = async (): Promise<number | undefined> => {
    while (await takeAway());
    return left.length === 0 ? last : undefined;
  };
  return waitFor({
    what: `${ids.length} jobs to be done`,
    seconds,
    every: 20,
    look,
    explain: () => `${left.length} are left, the first of them ${left[0]}`,
  });
}
