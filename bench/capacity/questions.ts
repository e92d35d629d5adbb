/** What everybody asks of a deep queue, and what the answer costs. */
import type { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { openJobs } from '../../queue/backlog.ts';
import { countsOf, waitingByTenant } from '../../queue/depth.ts';
import { createStepQueue, openStepQueue } from '../../queue/step-queue.ts';
import { monotonic } from '../../sandbox/wait.ts';
import { redisPrefix as prefix } from '../stage/aviary.ts';
import { numberOf } from './population.ts';
import type { RedisProbe, RedisSpan } from './redis-probe.ts';

export interface Question {
  readonly name: string;
  /** Who asks it, and how often. */
  readonly asker: string;
  readonly ms: number;
  readonly span: RedisSpan;
}

/** Of the jobs that wait, those of one canary in so many are swept away. */
const sweptPart = 10;

/** Counts jobs, and asks what is asked while there are so many. The last one takes jobs away. */
export async function askQuestions(url: string, probe: RedisProbe): Promise<readonly Question[]> {
  const redis: Redis = createRedis({ url, role: 'consumer', connectionName: 'bench-questions', log });
  const jobs = openStepQueue({ redis, prefix, log });
  const queue = createStepQueue({ redis, prefix, log, clock });
  const sweptName = `sweep of one job in ${sweptPart}`;
  const all: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ['counts by state', 'gauges, every worker', () => countsOf(jobs)],
    ['backlog', 'watchdog, drain', () => openJobs({ queue: jobs, redis }, clock.now())],
    ['jobs due', 'each tick', () => queue.waiting()],
    ['waiting by tenant', 'gauges, one worker', () => waitingByTenant(jobs)],
    ['sweep that finds nothing', 'each tick with a backlog', () => queue.sweep(() => undefined)],
    [
      sweptName,
      'each tick with a backlog',
      () => queue.sweep(({ canary }) => (numberOf(canary.name) % sweptPart === 0 ? clock.now() : undefined)),
    ],
  ];
  try {
    await jobs.waitUntilReady();
    const answers: Question[] = [];
    for (const [name, asker, ask] of all) {
      const begunAt = monotonic();
      const { result, span } = await probe.during(async () => {
        await ask();
        return monotonic() - begunAt;
      });
      answers.push({ name, asker, ms: result, span });
    }
    return answers;
  } finally {
    await Promise.all([jobs.close(), queue.close()]);
    redis.disconnect();
  }
}
