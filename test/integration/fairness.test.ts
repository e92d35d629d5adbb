/** The order in which a real queue hands out the steps of a tenant with very many canaries and of one with few. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/logger.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createTick } from '../../scheduler/tick.ts';
import type { TakeStep } from '../../worker/take-step.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { schedulesOf } from '../support/schedules.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const stepsOf = (namespace: string, count: number, dueAt: (index: number) => number) =>
  Array.from({ length: count }, (_, index) =>
    aDueStep(`${String(index).padStart(5, '0')}${namespace}`, { namespace, position: index + 1, dueAt: dueAt(index) }),
  );

/** Has one worker with one place take everything; the namespaces in the order of their steps. */
async function orderOf(bench: StepBench, count: number): Promise<readonly string[]> {
  const order: string[] = [];
  const takeStep: TakeStep = async (turn) => {
    order.push(turn.job.canary.namespace);
    return takesAtOnce(turn);
  };
  bench.startWorker({ takeStep, concurrency: 1 });
  await waitFor({ what: `${count} steps`, seconds: 60, look: () => (order.length === count ? true : undefined) });
  return order;
}

test.serial(
  'each of 20 steps comes within the first 40, although 4,000 of another tenant were there first',
  async (t) => {
    const bench = aBench();
    const now = clock.now();
    await bench.queue.addDue(stepsOf('large', 4_000, () => now));
    await bench.queue.addDue(stepsOf('small', 20, () => now));
    const order = await orderOf(bench, 4_020);
    t.true(order.lastIndexOf('small') < 40, `the last was number ${order.lastIndexOf('small') + 1}`);
  },
);

test.serial('so it is when they were added before they were due, and fell due one after the other', async (t) => {
  const bench = aBench();
  const begin = clock.now() + 1_500;
  await bench.queue.addDue(stepsOf('large', 4_000, (index) => begin + Math.floor(index / 4)));
  await bench.queue.addDue(stepsOf('small', 20, (index) => begin + 1_000 + index));
  await waitFor({
    what: 'all of them to be due',
    seconds: 10,
    look: () => (clock.now() > begin + 1_020 ? true : undefined),
  });
  const order = await orderOf(bench, 4_020);
  t.true(order.lastIndexOf('small') < 40, `the last was number ${order.lastIndexOf('small') + 1}`);
});

test.serial('what a tick adds goes by the weights of the namespaces', async (t) => {
  const bench = aBench();
  const schedules = [...schedulesOf('heavy', 30), ...schedulesOf('light', 30)];
  const tick = createTick({
    source: async () => schedules,
    queue: bench.queue,
    clock,
    horizonMs: 600_000,
    weights: new Map([['heavy', 3]]),
    log,
  });
  await tick(new AbortController().signal);
  const due = await bench.jobs.getJobCountByTypes('prioritized');
  t.is(due, 60, 'the current slot of each; the next are not due for minutes');
  const order = await orderOf(bench, 60);
  for (let turn = 0; turn < 10; turn += 1) {
    t.is(order.slice(turn * 4, turn * 4 + 4).filter((namespace) => namespace === 'heavy').length, 3, `turn ${turn}`);
  }
});
