import test from 'ava';
import { dueAt, slotAt } from '../../../canary/slot.ts';
import { nextLookAt, nextTryAt, placeOf, slotOf, timesOf } from '../../../worker/step/slot-place.ts';

const now = 1_764_000_000_000;
const rhythmOf = (intervalMs: number) => ({ uid: 'u-1', intervalMs });
const jobAt = (slot: number) =>
  ({ name: 'step', canary: { namespace: 'shop', name: 'podinfo', uid: 'u-1' }, slot }) as const;

for (const { title, before, after } of [
  { title: 'a slot of an interval that was shortened since is none that was missed', before: 600_000, after: 60_000 },
  { title: 'nor one of an interval that was shortened by little', before: 60_000, after: 59_000 },
  { title: 'a slot of an interval that was lengthened since is none that comes', before: 60_000, after: 600_000 },
]) {
  test(title, (t) => {
    const job = jobAt(slotAt(rhythmOf(before), now));
    const place = placeOf(job, rhythmOf(after), { now, cameAt: now });
    t.deepEqual(place, { kind: 'skipped', reason: 'slotRenumbered' });
    t.is(slotOf(job, rhythmOf(after), place), undefined, 'and has no lag');
  });
}

test('a slot that passed while all workers were away for half an hour is missed', (t) => {
  const rhythm = rhythmOf(60_000);
  const job = jobAt(slotAt(rhythm, now) - 30);
  t.deepEqual(placeOf(job, rhythm, { now, cameAt: now }), { kind: 'skipped', reason: 'slotPassed' });
});

test('a slot that passed while another step was at its canary is not one that the workers missed', (t) => {
  const rhythm = rhythmOf(60_000);
  const job = jobAt(slotAt(rhythm, now) - 1);
  const over = dueAt(rhythm, job.slot + 1);
  const reasonOf = (cameAt: number) => placeOf(job, rhythm, { now, cameAt });
  t.deepEqual(reasonOf(over - 1), { kind: 'skipped', reason: 'canaryBusy' });
  t.deepEqual(reasonOf(over), { kind: 'skipped', reason: 'slotPassed' });
  t.deepEqual(slotOf(job, rhythm, reasonOf(over)), { dueAt: over - 60_000, endsAt: over }, 'its lag counts');
});

test('the next slot is waited for, and has no lag yet', (t) => {
  const rhythm = rhythmOf(60_000);
  const job = jobAt(slotAt(rhythm, now) + 1);
  const begun = dueAt(rhythm, job.slot - 1);
  const place = placeOf(job, rhythm, { now: begun, cameAt: begun });
  t.deepEqual(place, { kind: 'early', dueAt: begun + 60_000 });
  t.is(slotOf(job, rhythm, place), undefined);
});

test('a wake counts for the slot that is current', (t) => {
  const rhythm = rhythmOf(60_000);
  const { canary } = jobAt(0);
  const wake = { name: 'wake', canary } as const;
  const place = placeOf(wake, rhythm, { now, cameAt: now });
  const slot = slotAt(rhythm, now);
  t.deepEqual(place, { kind: 'current', slot });
  t.deepEqual(slotOf(wake, rhythm, place), timesOf(rhythm, slot));
});

for (const [intervalMs, afterMs] of [
  [5_000, 1_000],
  [20_000, 2_000],
  [600_000, 5_000],
] as const) {
  test(`with an interval of ${intervalMs} ms the next look is ${afterMs} ms away, unless the slot is over by then`, (t) => {
    const slot = { dueAt: now, endsAt: now + intervalMs };
    t.is(nextLookAt(slot, now), now + afterMs);
    t.is(nextLookAt(slot, slot.endsAt - afterMs - 1), slot.endsAt - 1);
    t.is(nextLookAt(slot, slot.endsAt - afterMs), undefined);
  });
}

test('of a job without a slot nobody knows when to look again', (t) => t.is(nextLookAt(undefined, now), undefined));

/** When a step of 200 ms begins that is overtaken each time, in milliseconds from the beginning of its slot. */
function triesIn(intervalMs: number): readonly number[] {
  const slot = { dueAt: now, endsAt: now + intervalMs };
  const tries: number[] = [];
  for (let next: number | undefined = now; next !== undefined; ) {
    tries.push(next - now);
    next = nextTryAt(slot, { now: next + 200, cameAt: now });
  }
  return tries;
}

test('a step that was overtaken by one write is 0.9 of an interval before the next slot, from ten seconds on', (t) => {
  for (const intervalMs of [10_000, 60_000]) t.true((triesIn(intervalMs)[1] ?? intervalMs) <= 0.1 * intervalMs);
});

test('one that is overtaken each time is tried a few times per slot, however long that is', (t) => {
  const counts = [1_000, 10_000, 60_000, 3_600_000].map((intervalMs) => triesIn(intervalMs).length);
  t.deepEqual(counts, [2, 5, 7, 13]);
});
