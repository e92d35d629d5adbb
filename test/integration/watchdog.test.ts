/** How the watchdog of a worker reads a real queue; what it makes of a full Redis: test/worker/watchdog.test.ts. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createWatchdog } from '../../worker/watchdog.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { refusedAlert } from '../support/refused-alert.ts';
import { aDueStep } from '../support/step-workers.ts';

const { aBench, server } = redisBenches();

/** A worker of another process, as the watchdog of that process sees it, after so many milliseconds. */
const after = (ms: number, { running = 0, startedMsAgo }: { running?: number; startedMsAgo?: number } = {}) => {
  const now = clock.now() + ms;
  const begun = startedMsAgo === undefined ? undefined : now - startedMsAgo;
  const worker = {
    lastStart: () => begun ?? now - ms,
    running: () => running,
    oldestStart: () => begun,
    refusedAt: () => undefined,
  };
  return { worker: () => worker, clock: { now: () => now } };
};

test.serial('a worker is dead when jobs are due, it has room, and it has begun none for a minute', async (t) => {
  const bench = aBench();
  const limits = { queue: bench.jobs, redis: bench.redis, concurrency: 2, jobTimeoutMs: 60_000 };
  const check = async (seen: ReturnType<typeof after>) =>
    createWatchdog({ ...limits, ...seen })(new AbortController().signal);
  t.is(await check(after(90_000)), undefined, 'nothing is due');
  await bench.queue.addDue([aDueStep('podinfo')]);
  t.is(await check(after(50_000)), undefined, 'not for a minute');
  t.is(await check(after(90_000)), '1 jobs are due and none has begun for 60000 ms');
  t.is(await check(after(90_000, { running: 1 })), '1 jobs are due and none has begun for 60000 ms', 'it has room');
  t.is(await check(after(90_000, { running: 2 })), undefined, 'it has no room');
  await bench.jobs.pause();
  t.is(await check(after(90_000)), undefined, 'somebody has stopped the queue');
});

test.serial('a job that is due counts although no worker has moved it out of the delayed ones', async (t) => {
  const bench = aBench();
  await bench.queue.addDue([aDueStep('podinfo', { dueAt: clock.now() + 20_000 })]);
  const check = (ms: number) =>
    createWatchdog({ queue: bench.jobs, redis: bench.redis, concurrency: 2, jobTimeoutMs: 60_000, ...after(ms) })(
      new AbortController().signal,
    );
  t.is(await check(70_000), undefined, 'due for less than a minute');
  t.is(await check(90_000), '1 jobs are due and none has begun for 60000 ms');
});

test.serial('an alert that is to be sent again is not due before that, however long ago it was raised', async (t) => {
  const bench = aBench();
  const alerts = await refusedAlert({ ...bench, url: server().url }, { raisedMsAgo: 180_000, pauseMs: 150_000 });
  t.teardown(() => alerts.close());
  const check = (ms: number) =>
    createWatchdog({ queue: alerts, redis: bench.redis, concurrency: 10, jobTimeoutMs: 30_000, ...after(ms) })(
      new AbortController().signal,
    );
  t.is(await check(100_000), undefined, 'its receiver is away: a restart would not help');
  t.is(await check(220_000), '1 jobs are due and none has begun for 60000 ms');
});

test.serial('a job that runs on long after its bound shows a worker that hangs', async (t) => {
  const bench = aBench();
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const worker = bench.startWorker({
    concurrency: 2,
    takeStep: async ({ job }) => {
      await ended;
      return { kind: 'taken', outcome: 'settled', phase: 'Succeeded', slot: job.slot ?? 0 };
    },
  });
  await bench.queue.addDue([aDueStep('podinfo')]);
  await waitFor({ what: 'the job to begin', seconds: 5, look: () => (worker.running() === 1 ? true : undefined) });
  const check = (ms: number) =>
    createWatchdog({
      worker: () => worker,
      queue: bench.jobs,
      redis: bench.redis,
      concurrency: 2,
      jobTimeoutMs: 60_000,
      clock: { now: () => clock.now() + ms },
    })(new AbortController().signal);
  t.is(await check(110_000), undefined);
  t.regex((await check(130_000)) ?? '', /^a job has run for 13\d{4} ms, and its bound is 60000 ms$/);
  end();
  await waitFor({ what: 'the job to end', seconds: 5, look: () => (worker.running() === 0 ? true : undefined) });
  t.is(worker.oldestStart(), undefined);
});
