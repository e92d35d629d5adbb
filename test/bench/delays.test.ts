import test from 'ava';
import { delaysOf } from '../../bench/measure/delays.ts';
import type { FinishedJob } from '../../bench/measure/finished-jobs.ts';

const inhabitant = { namespace: 'small', name: 'app', rhythm: { uid: 'one', intervalMs: 10_000 } };
const span = { after: 1_000_000, until: 1_050_000 };

const aWake = (waited: number, changes: Partial<FinishedJob> = {}): FinishedJob => {
  const addedAt = changes.addedAt ?? 1_020_000;
  return {
    id: `w.small.app.one.small-${waited}`,
    kind: 'wake',
    canary: 'small/app',
    slot: 101,
    addedAt,
    startedAt: addedAt + waited,
    finishedAt: addedAt + waited + 5,
    outcome: 'settled',
    ...changes,
  };
};

test('a wake is delayed from the moment it was added', (t) => {
  const jobs = [aWake(10), aWake(30), aWake(20)];
  t.deepEqual(delaysOf([inhabitant], jobs, span).wakes, { p50: 20, p99: 30, max: 30 });
});

test('wakes of others, of another time, skipped ones and steps of slots do not count', (t) => {
  const jobs = [
    aWake(500, { canary: 'large/app' }),
    aWake(500, { addedAt: span.after }),
    aWake(500, { addedAt: span.until + 1 }),
    aWake(500, { outcome: 'skipped gone' }),
    aWake(500, { kind: 'step' }),
    aWake(7, { addedAt: span.until }),
  ];
  t.deepEqual(delaysOf([inhabitant], jobs, span).wakes, { p50: 7, p99: 7, max: 7 });
});

test('without a wake there is no delay of wakes, and slots that nobody took are missed', (t) => {
  const { slots, wakes } = delaysOf([inhabitant], [], span);
  t.is(wakes, undefined);
  t.is(slots.due, 5);
  t.is(slots.missed, 5);
});
