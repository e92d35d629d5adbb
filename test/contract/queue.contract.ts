/** What the queue promises, on whichever server keeps it. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createQueueLife } from '../../queue/queue-life.ts';
import { stepJobId, wakeJobId } from '../../queue/step-job.ts';
import { createAddedSlots } from '../../scheduler/added-slots.ts';
import { createFollowers } from '../../scheduler/followers.ts';
import { createTick } from '../../scheduler/tick.ts';
import { createWaker } from '../../scheduler/wake.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { aSchedule } from '../support/schedules.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';
import { redisBenches } from '../support/redis-benches.ts';
import type { RedisProgram } from '../../sandbox/lone-redis.ts';

const schedules = Array.from({ length: 50 }, (_, index) =>
  aSchedule(`app-${index}`, { namespace: `team-${index % 5}` }),
);

const aTick = ({ queue }: StepBench) =>
  createTick({ source: async () => schedules, queue, clock, horizonMs: 30_000, log });
const signal = new AbortController().signal;

async function jobsIn({ jobs }: StepBench): Promise<number> {
  const counts = await jobs.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'completed', 'failed');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Registers the tests in the file that calls it, which gets a server of its own. */
export function queueContract(program: RedisProgram): void {
  const { aBench, server } = redisBenches(program);

  test.serial(`${program}: two schedulers that tick at the same time add every slot once`, async (t) => {
    const bench = aBench();
    const [first, second] = await Promise.all([aTick(bench)(signal), aTick(bench)(signal)]);
    t.deepEqual(first.canaries, 50);
    // A slot may have fallen due between the two, which moves the window of one of them by it.
    t.true(Math.abs(first.steps - second.steps) <= 5);
    const jobs = await jobsIn(bench);
    t.true(jobs >= 200 && jobs <= Math.max(first.steps, second.steps) + 5, `${jobs} jobs`);
  });

  test.serial(`${program}: a slot that has been run is not run again while its job is kept`, async (t) => {
    const bench = aBench();
    let runs = 0;
    bench.startWorker({ takeStep: async (turn) => ((runs += 1), takesAtOnce(turn)) });
    const step = aDueStep('podinfo');
    await bench.queue.addDue([step]);
    await bench.ended(stepJobId(step.canary, step.slot));
    await bench.queue.addDue([step]);
    const next = { ...step, slot: 2 };
    await bench.queue.addDue([next]);
    await bench.ended(stepJobId(next.canary, next.slot));
    t.is(runs, 2, 'slot 1 once and slot 2 once');
  });

  test.serial(`${program}: a flushed Redis has its jobs back with the next tick`, async (t) => {
    const bench = aBench();
    const tick = aTick(bench);
    await tick(signal);
    const before = await jobsIn(bench);
    await bench.redis.flushall();
    t.is(await jobsIn(bench), 0);
    await tick(signal);
    const after = await jobsIn(bench);
    t.true(before >= 200);
    t.true(Math.abs(after - before) <= 50, `${before} jobs before, ${after} after`);
  });

  test.serial(`${program}: a tick that remembers what it added adds everything again to a flushed Redis`, async (t) => {
    const bench = aBench();
    await bench.jobs.waitUntilReady();
    const life = createQueueLife({ ...bench, newToken: randomUUID });
    const added: number[] = [];
    const addDue: StepBench['queue']['addDue'] = (steps) => (added.push(steps.length), bench.queue.addDue(steps));
    const queue = createAddedSlots({ queue: { addDue }, life });
    const tick = createTick({ source: async () => schedules, queue, clock, horizonMs: 30_000, log });
    await tick(signal);
    await tick(signal);
    t.true((added[0] ?? 0) >= 200 && (added[1] ?? 0) <= 50, `added ${added.join(', ')}`);
    await bench.redis.flushall();
    await tick(signal);
    t.true((await jobsIn(bench)) >= 200);
  });

  test.serial(`${program}: a tick fails while Redis is away, and the next one makes up for it`, async (t) => {
    const bench = aBench();
    const tick = aTick(bench);
    await tick(signal);
    await server().stop();
    await t.throwsAsync(tick(signal));
    await server().start();
    await waitFor({
      what: 'the connection to be back',
      seconds: 10,
      look: async () => ((await bench.redis.ping().catch(() => undefined)) === 'PONG' ? true : undefined),
    });
    await tick(signal);
    t.true((await jobsIn(bench)) >= 200);
  });

  test.serial(`${program}: a wake that comes while Redis is away is there when Redis is back`, async (t) => {
    const bench = aBench();
    const [schedule] = schedules;
    if (schedule === undefined) return t.fail();
    const followers = createFollowers({ onKind: () => undefined });
    const told = createRecordingLogger();
    const waker = createWaker({ queue: bench.queue, followers, clock, log: told });
    t.teardown(() => waker.stop());
    await bench.jobs.waitUntilReady();
    await server().stop();
    waker.canaryChanged({ ...schedule, generation: 2 }, { kind: 'spec', resourceVersion: '411' });
    await waitFor({
      what: 'the refusal',
      seconds: 15,
      look: () => told.lines.find(({ level }) => level === 'warn'),
    });
    await server().start();
    const job = await waitFor({
      what: 'the wake',
      seconds: 15,
      look: async () => bench.jobs.getJob(wakeJobId(schedule, 'canary-2')).catch(() => undefined),
    });
    t.is(job.data.seen, 'canaries.flagger.app=411');
  });

  test.serial(`${program}: a delayed job does not start before its slot is due`, async (t) => {
    const bench = aBench();
    bench.startWorker({ takeStep: takesAtOnce });
    const step = aDueStep('podinfo', { dueAt: clock.now() + 700 });
    await bench.queue.addDue([step]);
    const job = await bench.ended(stepJobId(step.canary, step.slot));
    t.true((job.processedOn ?? 0) >= step.dueAt, `started ${(job.processedOn ?? 0) - step.dueAt} ms after it was due`);
  });

  test.serial(`${program}: a namespace with few canaries does not wait for one with many`, async (t) => {
    const bench = aBench();
    const order: string[] = [];
    const takeStep: TakeStep = async (turn) => {
      order.push(turn.job.canary.namespace);
      return takesAtOnce(turn);
    };
    const of = (namespace: string, count: number) =>
      Array.from({ length: count }, (_, index) => aDueStep(`${namespace}${index}`, { namespace, position: index + 1 }));
    await bench.queue.addDue(of('large', 200));
    await bench.queue.addDue(of('small', 5));
    bench.startWorker({ takeStep, concurrency: 1 });
    await waitFor({ what: 'all steps', seconds: 20, look: () => (order.length === 205 ? true : undefined) });
    const lastOfSmall = order.lastIndexOf('small');
    t.true(lastOfSmall < 20, `the last of the small namespace was number ${lastOfSmall}`);
  });

  test.serial(`${program}: a wake runs at once, and the same change wakes once`, async (t) => {
    const bench = aBench();
    const names: string[] = [];
    bench.startWorker({
      takeStep: async (turn) => {
        names.push(turn.job.name);
        return takesAtOnce(turn);
      },
    });
    const { canary } = aDueStep('podinfo');
    await bench.queue.wake(canary, 'canary-1');
    await bench.ended(wakeJobId(canary, 'canary-1'));
    await bench.queue.wake(canary, 'canary-1');
    await bench.queue.wake(canary, 'canary-2');
    await bench.ended(wakeJobId(canary, 'canary-2'));
    t.deepEqual(names, ['wake', 'wake']);
  });

  test.serial(`${program}: a job says what became of its step`, async (t) => {
    const bench = aBench();
    bench.startWorker({
      takeStep: async (turn) => {
        turn.observe({ kind: 'ensureServices' }, { ok: true, value: null }, 12);
        turn.observe(
          { kind: 'observeTarget' },
          { ok: false, failure: { reason: 'notFound', message: 'Deployment test/podinfo not found' } },
          3,
        );
        return { kind: 'taken', outcome: 'stopped', phase: 'Initializing', slot: 1 };
      },
    });
    const step = aDueStep('podinfo');
    await bench.queue.addDue([step]);
    const id = stepJobId(step.canary, step.slot);
    const job = await bench.ended(id);
    t.deepEqual(job.returnvalue, { canary: 'test/podinfo', phase: 'Initializing', outcome: 'stopped', slot: 1 });
    const { logs } = await bench.jobs.getJobLogs(id, 0, 10);
    t.deepEqual(logs, [
      'ensureServices: done (12 ms)\nobserveTarget: notFound: Deployment test/podinfo not found (3 ms)',
    ]);
  });
}
