import test from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createPause } from '../../scheduler/pause.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const signal = new AbortController().signal;

/** Begins a pause of ten seconds; tells whether it has ended. */
function begin(read: () => Promise<number | undefined>) {
  const clock = createFakeClock();
  let hasEnded = false;
  const ended = createPause({ mark: { read }, clock, log })(10_000, signal).then(() => (hasEnded = true));
  return { clock, ended, hasEnded: () => hasEnded };
}

test('a pause lasts until the next tick while the mark of the last one is there', async (t) => {
  const { clock, ended, hasEnded } = begin(async () => 1);
  for (let second = 0; second < 10; second += 1) {
    t.false(hasEnded());
    await clock.whenWaiting();
    await clock.advance(1_000);
  }
  await ended;
  t.true(hasEnded());
});

test('a pause is no longer when the clock is put back, with a mark or without', async (t) => {
  for (const mark of [1, undefined]) {
    const { clock, ended, hasEnded } = begin(async () => mark);
    await clock.whenWaiting();
    clock.setWallClock(clock.now() - 3_600_000);
    await clock.advance(9_999);
    t.false(hasEnded());
    await clock.advance(1);
    t.true(hasEnded());
    await ended;
  }
});

test('a pause ends when the clock is put forward beyond its end', async (t) => {
  const { clock, ended } = begin(async () => 1);
  await clock.whenWaiting();
  clock.setWallClock(clock.now() + 3_600_000);
  await clock.advance(1_000);
  await t.notThrowsAsync(ended);
});

test('a mark that goes away ends the pause within a second', async (t) => {
  const marks = [1, 1, undefined];
  const { clock, ended } = begin(async () => marks.shift());
  for (let second = 0; second < 2; second += 1) {
    await clock.whenWaiting();
    await clock.advance(1_000);
  }
  await ended;
  t.deepEqual(marks, []);
});

const noNews: Readonly<Record<string, () => Promise<number | undefined>>> = {
  'a mark that was not there before': async () => undefined,
  'a Redis that is away': () => Promise.reject(new Error('away')),
};
for (const [what, read] of Object.entries(noNews)) {
  test(`${what} is no reason to tick again at once`, async (t) => {
    const { clock, ended } = begin(read);
    await clock.whenWaiting();
    t.deepEqual(clock.waiting(), [10_000]);
    await clock.advance(10_000);
    await t.notThrowsAsync(ended);
  });
}
