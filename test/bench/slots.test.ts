import test from 'ava';
import type { FinishedJob } from '../../bench/measure/finished-jobs.ts';
import { punctualityOf } from '../../bench/measure/slots.ts';
import { dueAt } from '../../canary/slot.ts';

const inhabitant = { namespace: 'shop', name: 'app', rhythm: { uid: 'one', intervalMs: 10_000 } };
const firstDue = dueAt(inhabitant.rhythm, 1_000);
const span = { after: firstDue - 1, until: firstDue + 25_000 };

const aJob = (slot: number, changes: Partial<FinishedJob> = {}): FinishedJob => ({
  id: `s.shop.app.one.${slot}`,
  kind: 'step',
  canary: 'shop/app',
  slot,
  addedAt: dueAt(inhabitant.rhythm, slot) - 15_000,
  startedAt: dueAt(inhabitant.rhythm, slot) + 20,
  finishedAt: dueAt(inhabitant.rhythm, slot) + 40,
  outcome: 'settled',
  ...changes,
});

test('every slot of the span is due, and a step in each of them is punctual', (t) => {
  const jobs = [aJob(999), aJob(1_000), aJob(1_001), aJob(1_002), aJob(1_003)];
  t.deepEqual(punctualityOf([inhabitant], jobs, span), {
    due: 3,
    missed: 0,
    lateness: { p50: 20, p99: 20, max: 20 },
    outcomes: { settled: 3 },
  });
});

test('a slot without a job, with a skipped one or with a failed one is missed', (t) => {
  const jobs = [aJob(1_000, { outcome: 'skipped slotPassed' }), aJob(1_002, { outcome: 'failed' })];
  const { missed, lateness, outcomes } = punctualityOf([inhabitant], jobs, span);
  t.is(missed, 3);
  t.is(lateness, undefined);
  t.deepEqual(outcomes, { 'skipped slotPassed': 1, failed: 1 });
});

test('a wake takes a slot, but tells nothing of lateness', (t) => {
  const jobs = [
    aJob(1_000, { kind: 'wake' }),
    aJob(1_001),
    aJob(1_002, { startedAt: dueAt(inhabitant.rhythm, 1_003) }),
  ];
  const { missed, lateness } = punctualityOf([inhabitant], jobs, span);
  t.is(missed, 0);
  t.deepEqual(lateness, { p50: 20, p99: 10_000, max: 10_000 });
});

test('jobs of others do not count', (t) => {
  t.is(punctualityOf([inhabitant], [aJob(1_000, { canary: 'shop/other' })], span).missed, 3);
});
