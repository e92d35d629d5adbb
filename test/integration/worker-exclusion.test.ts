import { once } from 'node:events';
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { canaries as ofCanaries } from '../../platform/kubernetes/resources.ts';
import { keyText, stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import type { Turn } from '../../worker/step/turn.ts';
import { holdStep } from '../support/held-step.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import { redisBenches } from '../support/redis-benches.ts';

const { aBench, server } = redisBenches();

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function aGate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Resolves when the turn is aborted. */
const aborted = ({ signal }: Turn): Promise<Error> =>
  new Promise((resolve) => {
    const tell = (): void => resolve(signal.reason as Error);
    if (signal.aborted) tell();
    signal.addEventListener('abort', tell, { once: true });
  });

test.serial('two workers never run two steps of one canary at the same time', async (t) => {
  const bench = aBench();
  const running = new Map<string, number>();
  let most = 0;
  let overlaps = 0;
  let ended = 0;
  const takeStep: TakeStep = async (turn) => {
    const { name } = turn.job.canary;
    const now = (running.get(name) ?? 0) + 1;
    running.set(name, now);
    overlaps += now > 1 ? 1 : 0;
    most = Math.max(
      most,
      [...running.values()].reduce((sum, count) => sum + count, 0),
    );
    await clock.sleep(20);
    running.set(name, now - 1);
    ended += 1;
    return takesAtOnce(turn);
  };
  let busy = 0;
  for (const worker of [1, 2]) {
    bench.startWorker({ takeStep, concurrency: 10 * worker, onBusy: () => (busy += 1) });
  }
  const canaries = Array.from({ length: 10 }, (_, index) => `c${index}`);
  await bench.queue.addDue(canaries.flatMap((name) => [1, 2, 3, 4].map((slot) => aDueStep(name, { slot }))));
  await Promise.all(canaries.map((name) => bench.queue.wake(aDueStep(name).canary, 'canary-2')));
  await waitFor({ what: '50 steps', seconds: 30, look: () => (ended === 50 ? true : undefined) });
  t.is(overlaps, 0);
  t.true(most > 1, 'different canaries ran at the same time');
  t.true(busy > 0, 'some job found its canary busy, so the lease was what kept them apart');
});

test.serial('a step that loses its lease is aborted and may not write any more', async (t) => {
  const bench = aBench();
  const began = aGate();
  const goOn = aGate();
  const effects: string[] = [];
  let reason: Error | undefined;
  bench.startWorker({
    leaseTtlMs: 900,
    takeStep: async (turn) => {
      await turn.fence();
      effects.push('first');
      began.open();
      await goOn.opened;
      reason = await aborted(turn);
      await turn.fence();
      effects.push('second');
      return takesAtOnce(turn);
    },
  });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step]);
  await began.opened;
  await bench.redis.set(`${bench.prefix}:lease:${keyText(step.canary)}`, 'somebody else');
  goOn.open();
  await waitFor({ what: 'the step to be aborted', seconds: 5, look: () => reason });
  await waitFor({
    what: 'the job to be put back',
    seconds: 5,
    look: async () => {
      const state = await bench.jobs.getJobState(stepJobId(step.canary, 1));
      return state === 'delayed' ? state : undefined;
    },
  });
  t.deepEqual(effects, ['first']);
  t.regex(reason?.message ?? '', /taken away/);
  t.is(await bench.redis.get(`${bench.prefix}:lease:${keyText(step.canary)}`), 'somebody else');
});

test.serial('a fence notices a lost lease even before the next renewal', async (t) => {
  const bench = aBench();
  const fenced: (Error | undefined)[] = [];
  bench.startWorker({
    leaseTtlMs: 60_000,
    takeStep: async (turn) => {
      await bench.redis.del(`${bench.prefix}:lease:${keyText(turn.job.canary)}`);
      fenced.push(
        await turn.fence().then(
          () => undefined,
          (error: unknown) => error as Error,
        ),
      );
      return takesAtOnce(turn);
    },
  });
  await bench.queue.addDue([aDueStep('podinfo')]);
  await waitFor({ what: 'the fence', seconds: 5, look: () => (fenced.length > 0 ? true : undefined) });
  t.regex(fenced[0]?.message ?? '', /the step of test\/podinfo may not write any more/);
});

test.serial('how far a step has seen the cluster is where the next one begins, whoever takes it', async (t) => {
  const bench = aBench();
  const seen: string[] = [];
  const takeStep: TakeStep = async (turn) => {
    seen.push(`${turn.seen.isUnsure ? 'knows nothing' : 'knows'} ${turn.seen.text()}`);
    turn.seen.note(ofCanaries, {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      metadata: { name: turn.job.canary.name, resourceVersion: String(100 + seen.length) },
    });
    return takesAtOnce(turn);
  };
  for (const slot of [1, 2]) {
    const worker = bench.startWorker({ takeStep });
    const step = aDueStep('podinfo', { slot });
    await bench.queue.addDue([step]);
    await bench.ended(stepJobId(step.canary, slot));
    await worker.close(0);
  }
  t.deepEqual(seen, ['knows nothing ', 'knows canaries.flagger.app=101']);
});

test.serial('a worker that is killed while it holds a step is replaced within seconds', async (t) => {
  const bench = aBench();
  const child = await holdStep(t, bench, server().url);
  const step = aDueStep('podinfo');
  const takers: number[] = [];
  bench.startWorker({
    takeStep: async (turn) => {
      takers.push(clock.now());
      return takesAtOnce(turn);
    },
  });
  const killedAt = clock.now();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const job = await bench.ended(stepJobId(step.canary, 1), 20);
  t.is(takers.length, 1);
  t.is(job.returnvalue?.outcome, 'settled');
  t.log(`run again ${(takers[0] ?? 0) - killedAt} ms after the kill`);
});

test.serial('a step that is told to stop at shutdown is taken by another worker', async (t) => {
  const bench = aBench();
  const began = aGate();
  const reasons: string[] = [];
  const leaving = bench.startWorker({
    takeStep: async (turn) => {
      turn.onSlot({ dueAt: clock.now(), endsAt: clock.now() + 60_000 });
      began.open();
      reasons.push((await aborted(turn)).message);
      return takesAtOnce(turn);
    },
  });
  const step = aDueStep('podinfo');
  await bench.queue.addDue([step]);
  await began.opened;
  await leaving.close(50);
  t.deepEqual(reasons, ['the process shuts down']);
  bench.startWorker({ takeStep: takesAtOnce });
  t.is((await bench.ended(stepJobId(step.canary, 1))).returnvalue?.outcome, 'settled');
});

test.serial('workers go on by themselves when Redis comes back', async (t) => {
  const bench = aBench();
  const names: string[] = [];
  bench.startWorker({
    takeStep: async (turn) => {
      names.push(turn.job.canary.name);
      return takesAtOnce(turn);
    },
  });
  const before = aDueStep('before');
  await bench.queue.addDue([before]);
  await bench.ended(stepJobId(before.canary, 1));
  await server().stop();
  await server().start();
  const after = aDueStep('after');
  await waitFor({
    what: 'the queue to take a job again',
    seconds: 10,
    look: async () =>
      bench.queue.addDue([after]).then(
        () => true as const,
        () => undefined,
      ),
  });
  await bench.ended(stepJobId(after.canary, 1));
  t.deepEqual(names, ['before', 'after']);
});
