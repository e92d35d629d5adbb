import test from 'ava';
import fc from 'fast-check';
import { createRunningJobs } from '../../../worker/jobs/running-jobs.ts';
import { createStepLimit } from '../../../worker/jobs/step-limit.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

/** A worker that begins the next step whenever it may, as BullMQ's does; `durations` in milliseconds. */
function aWorker(max: number, durations: readonly number[]) {
  const clock = createFakeClock();
  const waiting = [...durations];
  const started = new Set<{ readonly at: number }>();
  const applied: number[] = [];
  let most = 0;
  let mostYoung = 0;
  const fill = (): void => {
    while (started.size < limit.current() && waiting.length > 0) begin(waiting.shift() ?? 0);
    const young = [...started].filter(({ at }) => clock.now() - at < 50).length;
    most = Math.max(most, started.size);
    mostYoung = Math.max(mostYoung, young);
  };
  const limit = createStepLimit({
    jobs: createRunningJobs(clock),
    max,
    clock,
    apply: (next) => {
      applied.push(next);
      fill();
    },
  });
  const begin = (ms: number): void => {
    const one = { at: clock.now() };
    started.add(one);
    void limit
      .during(() => clock.sleep(ms))
      .finally(() => {
        started.delete(one);
        fill();
      });
  };
  return { clock, limit, applied, fill, waiting, started, most: () => most, mostYoung: () => mostYoung };
}

test('steps that only compute are ten at a time', async (t) => {
  const worker = aWorker(50, Array<number>(400).fill(20));
  worker.fill();
  await worker.clock.advance(2_000);
  t.is(worker.waiting.length, 0);
  t.is(worker.most(), 10);
  t.deepEqual(worker.applied, []);
});

test('steps that wait are as many as there may be, after a fifth of a second', async (t) => {
  const worker = aWorker(50, Array<number>(400).fill(1_000));
  worker.fill();
  await worker.clock.advance(200);
  t.is(worker.started.size, 50);
  t.deepEqual(worker.applied, [20, 30, 40, 50]);
});

test('those that hang make room also when they began as the last of as many as may be', async (t) => {
  const worker = aWorker(50, [...Array<number>(40).fill(300), ...Array<number>(30).fill(60_000)]);
  worker.fill();
  await worker.clock.advance(200);
  t.is(worker.started.size, 50);
  await worker.clock.advance(1_000);
  t.is(worker.started.size, 30, 'all that hang');
});

test('when those that waited have ended, it is ten again, and no timer is left', async (t) => {
  const worker = aWorker(50, Array<number>(60).fill(1_000));
  worker.fill();
  await worker.clock.advance(5_000);
  t.is(worker.started.size, 0);
  t.is(worker.limit.current(), 10);
  t.deepEqual(worker.clock.waiting(), []);
});

test('a worker that has room sets no timer', async (t) => {
  const worker = aWorker(50, Array<number>(9).fill(1_000));
  worker.fill();
  t.deepEqual(worker.clock.waiting(), Array<number>(9).fill(1_000), 'only the steps themselves');
});

test('a clock that is put back keeps nobody waiting', async (t) => {
  const worker = aWorker(50, Array<number>(60).fill(1_000));
  worker.fill();
  worker.clock.setWallClock(worker.clock.now() - 3_600_000);
  await worker.clock.advance(200);
  t.is(worker.started.size, 50);
});

test('where fewer than ten may run the number stays', async (t) => {
  const worker = aWorker(3, Array<number>(30).fill(100));
  worker.fill();
  t.deepEqual(worker.clock.waiting(), [100, 100, 100]);
  await worker.clock.advance(2_000);
  t.is(worker.most(), 3);
  t.deepEqual(worker.applied, []);
});

test('a step that fails gives its place back', async (t) => {
  const clock = createFakeClock();
  const limit = createStepLimit({ jobs: createRunningJobs(clock), max: 50, clock, apply: () => undefined });
  const fail = async (): Promise<void> => {
    await clock.sleep(100);
    throw new Error('refused');
  };
  const steps = Promise.allSettled(Array.from({ length: 10 }, () => limit.during(fail)));
  await clock.advance(60);
  t.is(limit.current(), 20);
  await clock.advance(100);
  t.deepEqual([...new Set((await steps).map(({ status }) => status))], ['rejected']);
  t.is(limit.current(), 10);
});

test('whatever steps there are, no more than ten are young, none more run than may, and all are run', async (t) => {
  const kinds = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60, max: 3_000 }));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.array(kinds, { maxLength: 120 }), async (max, durations) => {
      const worker = aWorker(max, durations);
      worker.fill();
      // The longest line: all one after the other.
      await worker.clock.advance(3_000 * (Math.ceil(durations.length / Math.min(10, max)) + 1));
      t.is(worker.waiting.length + worker.started.size, 0);
      t.true(worker.most() <= max);
      t.true(worker.mostYoung() <= 10, `${worker.mostYoung()} young ones`);
      t.is(worker.limit.current(), Math.min(10, max));
    }),
    { numRuns: 60 },
  );
});
