import test from 'ava';
import { slotAt } from '../../../canary/slot.ts';
import { placeOf, slotOf } from '../../../worker/step/slot-place.ts';

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
