/** What the watchdog makes of a full Redis; how it reads a real queue: test/integration/watchdog.test.ts. */
import test from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRest } from '../../worker/jobs/full-redis.ts';
import { createWatchdog } from '../../worker/watchdog.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const outOfMemory = new Error("OOM command not allowed when used memory > 'maxmemory'.");

/** Three jobs are due. One runs since the beginning, as an alert that was sent and cannot be noted. */
function aWorld() {
  const clock = createFakeClock();
  const begunAt = clock.now();
  const pausable = { name: 'alerts', pause: async () => undefined, resume: async () => undefined };
  const rest = createRest({ worker: pausable, clock, log });
  const worker = {
    lastStart: () => begunAt,
    running: () => 1,
    oldestStart: () => begunAt,
    refusedAt: () => rest.refusedAt(),
  };
  const check = createWatchdog({
    worker: () => worker,
    queue: { getJobCounts: async () => ({ prioritized: 3 }), toKey: (type) => type, isPaused: async () => false },
    redis: { zcount: async () => 0 },
    concurrency: 2,
    jobTimeoutMs: 30_000,
    clock,
  });
  return { clock, rest, check: async () => check(new AbortController().signal) };
}

test('a worker is not dead because Redis is full: a restart would make no room, and lose what waits for it', async (t) => {
  const { clock, rest, check } = aWorld();
  await clock.advance(70_000);
  t.is(await check(), '3 jobs are due and none has begun for 60000 ms');
  rest.begin(outOfMemory);
  t.is(await check(), undefined);
  await clock.advance(30_000);
  t.is(await check(), undefined, 'nor because of a job that runs on');
});

test('a worker that does not go on once there is room is dead', async (t) => {
  const { clock, rest, check } = aWorld();
  rest.begin(outOfMemory);
  await clock.advance(59_000);
  t.is(await check(), undefined);
  await clock.advance(2_000);
  t.is(await check(), '3 jobs are due and none has begun for 60000 ms');
  await clock.advance(30_000);
  t.is(await check(), 'a job has run for 91000 ms, and its bound is 30000 ms');
});
