/** What is swept out of a queue, and what never is: real Redis, real queue. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { stepJobId, wakeJobId } from '../../queue/step-job.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { sweepWaiting } from '../../queue/sweep.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const canaryAt = (namespace: string, index: number): CanaryKey => ({
  namespace,
  name: `app-${index}`,
  uid: `${String(index).padStart(8, '0')}-uid`,
});

const nothingHasPassed = (): undefined => undefined;

async function wakeMany({ queue }: StepBench, namespace: string, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, index) => canaryAt(namespace, index));
  await Promise.all(keys.map((key) => queue.wake(key, 'canary-1')));
}

const waiting = async ({ jobs }: StepBench): Promise<readonly string[]> =>
  (await jobs.getRanges(['prioritized', 'wait'], 0, -1)).toSorted();

test.serial('wakes that come in before others while the queue is looked through cost nobody a wake', async (t) => {
  const bench = aBench();
  const { jobs } = bench;
  // More than one page.
  await wakeMany(bench, 'large', 2_500);
  let pages = 0;
  const queue = {
    getRanges: async (...range: Parameters<typeof jobs.getRanges>) => {
      const page = await jobs.getRanges(...range);
      pages += 1;
      if (pages === 1) await wakeMany(bench, 'small', 30);
      return page;
    },
    getJob: jobs.getJob.bind(jobs),
    remove: jobs.remove.bind(jobs),
  };
  t.deepEqual(await sweepWaiting(queue, { passedAt: nothingHasPassed, overdue: 0 }), { missed: 0, current: 0 });
  t.is((await waiting(bench)).length, 2_530);
});

test.serial(
  'of many wakes of one canary the first to be taken stays, and the newest with what it has seen',
  async (t) => {
    const bench = aBench();
    const canary = canaryAt('shop', 1);
    for (const version of [1, 2, 3, 4]) {
      await bench.queue.wake(canary, `deployment-${version}`, { seen: `deployments.apps=${version}` });
    }
    await bench.queue.wake(canary, 'canary-1', { isUrgent: true });
    await bench.queue.wake(canary, 'deployment-5', { seen: 'deployments.apps=5' });
    await bench.queue.wake(canaryAt('shop', 2), 'deployment-1');
    t.deepEqual(await bench.queue.sweep(nothingHasPassed), { missed: 0, current: 0 });
    const kept = [
      wakeJobId(canary, 'canary-1'),
      wakeJobId(canary, 'deployment-5'),
      wakeJobId(canaryAt('shop', 2), 'deployment-1'),
    ];
    t.deepEqual(await waiting(bench), kept.toSorted());
    const newest = await bench.jobs.getJob(wakeJobId(canary, 'deployment-5'));
    t.is(newest?.data.seen, 'deployments.apps=5');
  },
);

test.serial('a passed slot that waited for its own canary is removed like any other, and not counted', async (t) => {
  const bench = aBench();
  const endedAt = clock.now();
  const slots = { untouched: 1, metInTime: 2, metTooLate: 3, current: 4 };
  const step = aDueStep('podinfo');
  await bench.queue.addDue(Object.values(slots).map((slot) => ({ ...step, slot })));
  for (const [slot, busyAt] of [
    [slots.metInTime, endedAt - 1],
    [slots.metTooLate, endedAt],
  ] as const) {
    const job = await bench.jobs.getJob(stepJobId(step.canary, slot));
    await job?.updateData({ ...job.data, busyAt });
  }
  const swept = await bench.queue.sweep(({ slot = 0 }) => (slot === slots.current ? undefined : endedAt));
  t.deepEqual(swept, { missed: 2, current: 1 });
  t.deepEqual(await waiting(bench), [stepJobId(step.canary, slots.current)]);
});

test.serial('a slot that an edited interval has renumbered is removed, and not counted', async (t) => {
  const bench = aBench();
  const step = aDueStep('podinfo');
  await bench.queue.addDue([1, 2, 3].map((slot) => ({ ...step, slot })));
  const swept = await bench.queue.sweep(({ slot = 0 }) => (slot === 1 ? clock.now() : 'renumbered'));
  t.deepEqual(swept, { missed: 1, current: 0 });
  t.deepEqual(await waiting(bench), []);
});
