/** The order in which a real queue hands out the steps of a tenant with very many canaries and of one with few. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createExpedite } from '../../queue/expedite.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { createTick } from '../../scheduler/tick.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { schedulesOf } from '../support/schedules.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';
import type { StepBench } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const stepsOf = (namespace: string, count: number, dueAt: (index: number) => number) =>
  Array.from({ length: count }, (_, index) =>
    aDueStep(`${String(index).padStart(5, '0')}${namespace}`, { namespace, position: index + 1, dueAt: dueAt(index) }),
  );

/** Has one worker with one place take everything; the canaries in the order of their steps. */
async function stepsTaken(bench: StepBench, count: number): Promise<readonly CanaryKey[]> {
  const order: CanaryKey[] = [];
  const takeStep: TakeStep = async (turn) => {
    order.push(turn.job.canary);
    return takesAtOnce(turn);
  };
  bench.startWorker({ takeStep, concurrency: 1 });
  await waitFor({ what: `${count} steps`, seconds: 60, look: () => (order.length === count ? true : undefined) });
  return order;
}

const orderOf = async (bench: StepBench, count: number): Promise<readonly string[]> =>
  (await stepsTaken(bench, count)).map(({ namespace }) => namespace);

const namesOf = async (bench: StepBench, count: number): Promise<readonly string[]> =>
  (await stepsTaken(bench, count)).map(({ name }) => name);

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
    // Of sixty canaries one has its next slot every ten seconds: none of those is to be among the steps.
    firstHorizonMs: 1,
    weights: new Map([['heavy', 3]]),
    log,
  });
  await tick(new AbortController().signal);
  const due = await bench.jobs.getJobCountByTypes('prioritized');
  t.is(due, 60, 'the current slot of each');
  const order = await orderOf(bench, 60);
  for (let turn = 0; turn < 10; turn += 1) {
    t.is(order.slice(turn * 4, turn * 4 + 4).filter((namespace) => namespace === 'heavy').length, 3, `turn ${turn}`);
  }
});

test.serial('a roll-back overtakes what waits, in the queue and before it is due', async (t) => {
  const bench = aBench();
  const now = clock.now();
  const waits = aDueStep('waits', { namespace: 'large', position: 500 });
  const comes = aDueStep('comes', { namespace: 'large', position: 501, dueAt: now + 1_000 });
  await bench.queue.addDue([...stepsOf('large', 100, () => now), waits, comes]);
  const expedite = createExpedite({ queue: bench.jobs, clock });
  await expedite(waits.canary, waits.slot);
  await expedite(comes.canary, comes.slot);
  await waitFor({ what: 'both to be due', seconds: 10, look: () => (clock.now() > now + 1_100 ? true : undefined) });
  const names = await namesOf(bench, 102);
  t.deepEqual(names.slice(0, 2).toSorted(), ['comes', 'waits']);
});

test.serial('a tenant whose canaries all roll back leaves turns to the others', async (t) => {
  const bench = aBench();
  const now = clock.now();
  const failing = stepsOf('large', 400, () => now);
  await bench.queue.addDue([...failing, ...stepsOf('small', 20, () => now)]);
  const expedite = createExpedite({ queue: bench.jobs, clock });
  for (const { canary, slot } of failing) await expedite(canary, slot);
  const order = await orderOf(bench, 420);
  t.true(
    order.slice(0, 100).every((namespace) => namespace === 'large'),
    'roll-backs go first',
  );
  t.true(order.lastIndexOf('small') < 140, `the last of the others was number ${order.lastIndexOf('small') + 1}`);
});

test.serial(
  'what a Canary is told goes before releases, and a tenant that releases all at once takes turns',
  async (t) => {
    const bench = aBench();
    const wakesOf = (namespace: string, count: number) =>
      stepsOf(namespace, count, () => 0).map(({ canary }) => bench.queue.wake(canary, 'deployment-1a2b3c4d-7'));
    await Promise.all(wakesOf('large', 200));
    await Promise.all(wakesOf('small', 5));
    await bench.queue.wake(aDueStep('told', { namespace: 'large' }).canary, 'wishes-412', { isUrgent: true });
    const names = await namesOf(bench, 206);
    t.is(names[0], 'told');
    const last = names.findLastIndex((name) => name.endsWith('small'));
    t.true(last < 11, `the last of the small namespace was number ${last + 1}`);
  },
);
