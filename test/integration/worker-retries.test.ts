import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
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
