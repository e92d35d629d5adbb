import test from 'ava';
import { silentLogger } from '../../platform/observability/logger.ts';
import { createPutBacks, drained } from '../../worker/drain.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const never = new AbortController().signal;
const patienceMs = 60_000;

/** Answers the given backlogs one after another, the last one for ever; rejects with those that are errors. */
function answering(...backlogs: (number | Error)[]): () => Promise<number> {
  return async () => {
    const next = (backlogs.length > 1 ? backlogs.shift() : backlogs[0]) ?? 0;
    if (next instanceof Error) throw next;
    return next;
  };
}
const empty = 0;
/** How long the queues have to be quiet, in milliseconds. */
const quietMs = 1_000;

/** Milliseconds until the queues count as drained, up to a minute. */
async function durationOf(...queues: (() => Promise<number>)[]): Promise<number | undefined> {
  const clock = createFakeClock();
  const startedAt = clock.now();
  const ends: number[] = [];
  void drained({ backlogs: queues, patienceMs, clock, log: silentLogger }, never).then(() =>
    ends.push(clock.now() - startedAt),
  );
  await clock.advance(0);
  while (ends.length === 0 && clock.now() - startedAt < 60_000) await clock.advance(250);
  return ends[0];
}

test('empty queues are drained after a few quiet looks', async (t) => {
  t.is(await durationOf(answering(empty), answering(empty)), quietMs);
});

test('a queue with open jobs is not drained until they have ended', async (t) => {
  t.is(await durationOf(answering(2, 2, 2, empty)), 3 * 250 + quietMs);
  t.is(await durationOf(answering(1)), undefined);
});

test('a job that appears between two looks starts the quiet anew', async (t) => {
  t.is(await durationOf(answering(empty, empty, 1, empty)), 3 * 250 + quietMs);
});

const away = new Error('Connection is closed.');

test('a queue that cannot be looked at may hold what is due, and the quiet starts anew', async (t) => {
  t.is(await durationOf(answering(empty, empty, away, away, empty), answering(empty)), 4 * 250 + quietMs);
});

test('each outage is told of once', async (t) => {
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const backlogs = [answering(away, away, empty, away, away, empty)];
  const draining = drained({ backlogs, patienceMs, clock, log }, never);
  await clock.advance(0);
  await clock.advance(10_000);
  await draining;
  const line = {
    level: 'warn',
    fields: { reason: away.message, patienceMs },
    message: 'what is due cannot be seen, looking again',
  };
  t.deepEqual(log.lines, [line, line]);
});

test('queues that cannot be looked at for too long are the end, with the reason', async (t) => {
  const clock = createFakeClock();
  const startedAt = clock.now();
  const backlogs = [answering(empty, away)];
  const ended = drained({ backlogs, patienceMs, clock, log: silentLogger }, never).catch((error: Error) => ({
    afterMs: clock.now() - startedAt,
    message: error.message,
  }));
  await clock.advance(0);
  await clock.advance(2 * patienceMs);
  t.deepEqual(await ended, {
    afterMs: patienceMs,
    message: 'expected to see what is due within 60000 ms, got no answer from Redis (Connection is closed.)',
  });
});

test('a look that fails because the process ends is no outage', async (t) => {
  const reason = new Error('shutting down');
  const controller = new AbortController();
  const log = createRecordingLogger();
  const look = async (): Promise<number> => {
    controller.abort(reason);
    throw away;
  };
  const draining = drained({ backlogs: [look], patienceMs, clock: createFakeClock(), log }, controller.signal);
  t.is(await t.throwsAsync(draining), reason);
  t.deepEqual(log.lines, []);
});

test('draining ends with the process', async (t) => {
  const reason = new Error('shutting down');
  const controller = new AbortController();
  controller.abort(reason);
  const backlogs = [answering(empty)];
  const options = { backlogs, patienceMs, clock: createFakeClock(), log: silentLogger };
  const draining = drained(options, controller.signal);
  t.is(await t.throwsAsync(draining), reason);
});

test('a step that this process has put back for some seconds is waited for', async (t) => {
  const clock = createFakeClock();
  const putBacks = createPutBacks(clock);
  t.is(putBacks.coming(), 0);
  putBacks.note(clock.now() + 5_000);
  putBacks.note(clock.now() + 1_000);
  await clock.advance(4_999);
  t.is(putBacks.coming(), 1);
  await clock.advance(1);
  t.is(putBacks.coming(), 0, 'it is due, which its queue tells');
});

test('one that comes later than that is left to whoever works then', async (t) => {
  const clock = createFakeClock();
  const putBacks = createPutBacks(clock);
  putBacks.note(clock.now() + 5_001);
  t.is(putBacks.coming(), 0);
});
