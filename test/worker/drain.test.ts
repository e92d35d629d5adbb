import test from 'ava';
import { drained } from '../../worker/drain.ts';
import type { Backlog } from '../../worker/drain.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const never = new AbortController().signal;

/** Answers the given backlogs one after another, the last one for ever. */
function answering(...backlogs: Backlog[]): () => Promise<Backlog> {
  return async () => (backlogs.length > 1 ? backlogs.shift() : backlogs[0]) ?? empty;
}
const empty: Backlog = { open: 0, nextDueAt: undefined };

/** Milliseconds until the queues count as drained, up to a minute. */
async function durationOf(...queues: (() => Promise<Backlog>)[]): Promise<number | undefined> {
  const clock = createFakeClock();
  const startedAt = clock.now();
  const ends: number[] = [];
  void drained({ backlogs: queues, clock }, never).then(() => ends.push(clock.now() - startedAt));
  await clock.advance(0);
  while (ends.length === 0 && clock.now() - startedAt < 60_000) await clock.advance(250);
  return ends[0];
}

test('empty queues are drained after a few quiet looks', async (t) => {
  t.is(await durationOf(answering(empty), answering(empty)), 500);
});

test('a queue with open jobs is not drained until they have ended', async (t) => {
  const busy = { open: 2, nextDueAt: undefined };
  t.is(await durationOf(answering(busy, busy, busy, empty)), 3 * 250 + 500);
});

test('a job that appears between two looks starts the quiet anew', async (t) => {
  t.is(await durationOf(answering(empty, empty, { open: 1, nextDueAt: undefined }, empty)), 3 * 250 + 500);
});

test('a job that is due later does not keep a worker, one that is due does', async (t) => {
  const clock = createFakeClock();
  t.is(await durationOf(answering({ open: 0, nextDueAt: clock.now() + 3_600_000 })), 500);
  t.is(await durationOf(answering({ open: 0, nextDueAt: clock.now() - 1 })), undefined);
});

test('draining ends with the process', async (t) => {
  const reason = new Error('shutting down');
  const controller = new AbortController();
  controller.abort(reason);
  const draining = drained({ backlogs: [answering(empty)], clock: createFakeClock() }, controller.signal);
  t.is(await t.throwsAsync(draining), reason);
});
