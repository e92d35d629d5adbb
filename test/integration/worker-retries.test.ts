import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { openJobs } from '../../queue/backlog.ts';
import { stepJobId, wakeJobId } from '../../queue/step-job.ts';
import type { DueStep } from '../../queue/step-queue.ts';
import { createPutBacks, drained } from '../../worker/drain.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';
import { redisBenches } from '../support/redis-benches.ts';

const { aBench } = redisBenches();

/** What the signal is aborted with, when it is. */
const abortOf = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve((signal.reason as Error).message), { once: true });
  });

test.serial('a step that takes too long is aborted and tried again', async (t) => {
  const bench = aBench();
  const reasons: string[] = [];
  let takes = 0;
  bench.startWorker({
    stepTimeoutMs: 200,
    takeStep: async (turn) => {
      takes += 1;
      turn.onSlot({ dueAt: clock.now(), endsAt: clock.now() + 60_000 });
      if (takes === 1) reasons.push(await abortOf(turn.signal));
      return takesAtOnce(turn);
    },
  });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step]);
  const job = await bench.ended(stepJobId(step.canary, 1));
  t.deepEqual(reasons, ['not finished within 200 ms']);
  t.is(takes, 2);
  t.is(job.attemptsMade, 2);
});

test.serial('a step is not tried again when its slot is over', async (t) => {
  const bench = aBench();
  let takes = 0;
  bench.startWorker({
    takeStep: async (turn) => {
      takes += 1;
      turn.onSlot({ dueAt: clock.now(), endsAt: clock.now() + 100 });
      throw new KubernetesError({
        kind: 'unavailable',
        action: 'get Canary test/podinfo',
        detail: 'connection refused',
      });
    },
  });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step]);
  const job = await bench.ended(stepJobId(step.canary, 1));
  t.is(takes, 1);
  t.is(await job.getState(), 'failed');
  t.is(job.failedReason, 'get Canary test/podinfo: connection refused');
});

test.serial(
  'however often a step is tried again, its job keeps the last stack and the last journals only',
  async (t) => {
    const bench = aBench();
    let takes = 0;
    bench.startWorker({
      takeStep: async (turn) => {
        takes += 1;
        turn.onSlot({ dueAt: clock.now(), endsAt: clock.now() + 60_000 });
        if (takes > 3) return takesAtOnce(turn);
        const detail = `refused for the ${takes}. time`;
        throw new KubernetesError({ kind: 'unavailable', action: 'get Canary test/podinfo', detail });
      },
    });
    const step = aDueStep('podinfo');
    await bench.queue.addDue([step]);
    const job = await bench.ended(stepJobId(step.canary, 1));
    t.is(job.attemptsMade, 4);
    t.is(job.stacktrace?.length, 1);
    t.regex(job.stacktrace?.[0] ?? '', /refused for the 3\. time/);
    for (let look = 1; look <= 30; look += 1) await job.log(`journal ${look}`);
    const { count, logs } = await bench.jobs.getJobLogs(stepJobId(step.canary, 1));
    t.true(count <= 10, `${count} journals`);
    t.is(logs.at(-1), 'journal 30');
  },
);

test.serial('an error in the rules fails this job only', async (t) => {
  const bench = aBench();
  bench.startWorker({
    takeStep: async (turn) => {
      if (turn.job.canary.name === 'bad') throw new TypeError('undefined is not a function');
      return takesAtOnce(turn);
    },
  });
  const [bad, good] = [aDueStep('bad'), aDueStep('good')];
  await bench.queue.addDue([bad, good]);
  const failed = await bench.ended(stepJobId(bad.canary, 1));
  t.is(await failed.getState(), 'failed');
  t.is(failed.attemptsMade, 1);
  t.is((await bench.ended(stepJobId(good.canary, 1))).returnvalue?.outcome, 'settled');
});

/** Steps in a slot that began with the first of them; `ends` says how each of them ends, the last one for ever. */
function inSlotOf(ms: number, ends: readonly ('conflict' | 'owed' | 'settled')[]) {
  const taken: number[] = [];
  let slot: { readonly dueAt: number; readonly endsAt: number } | undefined;
  const takeStep: TakeStep = async (turn) => {
    slot ??= { dueAt: clock.now(), endsAt: clock.now() + ms };
    turn.onSlot(slot);
    const end = ends[Math.min(taken.length, ends.length - 1)] ?? 'settled';
    taken.push(turn.job.slot ?? 0);
    const run = { kind: 'taken', phase: 'Progressing', slot: turn.job.slot ?? 0 } as const;
    if (end === 'owed') return { ...run, outcome: 'stopped', owesRollback: true };
    return { ...run, outcome: end };
  };
  return { taken, takeStep };
}

test.serial('a step that is overtaken is tried again under the number of its slot, by whichever worker', async (t) => {
  const bench = aBench();
  const { taken, takeStep } = inSlotOf(60_000, ['conflict', 'conflict', 'settled']);
  for (let worker = 0; worker < 2; worker += 1) bench.startWorker({ takeStep });
  const step = aDueStep('podinfo', { slot: 7 });
  await bench.queue.addDue([step]);
  const job = await bench.ended(stepJobId(step.canary, 7));
  t.deepEqual(taken, [7, 7, 7]);
  t.is(job.returnvalue?.outcome, 'settled');
  t.is(job.attemptsMade, 1, 'no attempt of a step that fails is used up');
});

for (const { what, add } of [
  { what: 'a slot', add: (bench: StepBench, step: DueStep) => bench.queue.addDue([step]) },
  { what: 'a wake', add: (bench: StepBench, step: DueStep) => bench.queue.wake(step.canary, 'canary-2') },
]) {
  test.serial(`a step of ${what} that is overtaken each time ends with its slot, after a few tries`, async (t) => {
    const bench = aBench();
    const { taken, takeStep } = inSlotOf(3_000, ['conflict']);
    bench.startWorker({ takeStep });
    const step = aDueStep('podinfo');
    await add(bench, step);
    const id = what === 'a slot' ? stepJobId(step.canary, 1) : wakeJobId(step.canary, 'canary-2');
    t.is((await bench.ended(id)).returnvalue?.outcome, 'conflict');
    t.true(taken.length > 1 && taken.length <= 4, `${taken.length} tries`);
  });
}

test.serial('a drain ends when a roll-back that it has put back has been carried out', async (t) => {
  const bench = aBench();
  // The job comes again after two seconds: longer than the queue has to be quiet.
  const { taken, takeStep } = inSlotOf(20_000, ['owed', 'settled']);
  const putBacks = createPutBacks(clock);
  bench.startWorker({ takeStep, onPutBack: (until) => putBacks.note(until) });
  await bench.queue.addDue([aDueStep('podinfo')]);
  const { jobs: queue, redis } = bench;
  const backlogs = [() => openJobs({ queue, redis }, clock.now()), async () => putBacks.coming()];
  await drained({ backlogs, patienceMs: 10_000, clock, log }, new AbortController().signal);
  t.is(taken.length, 2);
});
