import test from 'ava';
import * as fc from 'fast-check';
import {
  dueAt,
  isRenumbered,
  isTaken,
  offsetOf,
  positionOf,
  shuffleRank,
  slotAt,
  slotsWithin,
} from '../../canary/slot.ts';

const minute = 60_000;
const rhythm = { uid: '0f8fad5b-d9cb-469f-a165-70867728950e', intervalMs: minute };

const anyRhythm = fc.record({ uid: fc.uuid(), intervalMs: fc.integer({ min: 1_000, max: 86_400_000 }) });
const anyTime = fc.integer({ min: 0, max: 4e12 });

test('a slot is due in its own interval, at the offset of the canary', (t) => {
  t.is(dueAt(rhythm, 3), 3 * minute + offsetOf(rhythm));
  t.true(offsetOf(rhythm) >= 0 && offsetOf(rhythm) < minute);
});

test('the offset of a uid is the same in every process and release', (t) => {
  t.is(offsetOf(rhythm), 38_820);
  t.is(offsetOf(rhythm), offsetOf({ ...rhythm }));
  t.not(offsetOf(rhythm), offsetOf({ ...rhythm, uid: '7c9e6679-7425-40de-944b-e07fc1f90ae7' }));
});

test('the slot of a moment is the latest one that is due', (t) => {
  fc.assert(
    fc.property(anyRhythm, anyTime, (canary, now) => {
      const slot = slotAt(canary, now);
      return dueAt(canary, slot) <= now && now < dueAt(canary, slot + 1);
    }),
  );
  t.is(slotAt(rhythm, dueAt(rhythm, 7)), 7);
  t.is(slotAt(rhythm, dueAt(rhythm, 7) - 1), 6);
});

test('spans in a row name every slot exactly once', (t) => {
  fc.assert(
    fc.property(
      anyRhythm,
      anyTime,
      fc.array(fc.integer({ min: 1, max: 5e6 }), { maxLength: 8 }),
      (canary, start, steps) => {
        let after = start;
        const named: number[] = [];
        for (const step of steps) {
          named.push(...slotsWithin(canary, { after, until: after + step }));
          after += step;
        }
        const whole = slotsWithin(canary, { after: start, until: after });
        t.deepEqual(named, [...whole]);
      },
    ),
    { numRuns: 100 },
  );
});

test('a span holds the slot that is due at its end and not the one at its start', (t) => {
  t.deepEqual(slotsWithin(rhythm, { after: dueAt(rhythm, 4), until: dueAt(rhythm, 6) }), [5, 6]);
  t.deepEqual(slotsWithin(rhythm, { after: dueAt(rhythm, 4), until: dueAt(rhythm, 4) }), []);
});

test('the offsets of many canaries are spread evenly over the interval', (t) => {
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let index = 0; index < 10_000; index += 1) {
    const bucket = Math.floor(offsetOf({ uid: `uid-${index}`, intervalMs: minute }) / 6_000);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  // Ten sigma of a binomial distribution with n = 10,000 and p = 0.1.
  for (const count of buckets) t.true(Math.abs(count - 1_000) < 300, `${count} of about 1000`);
});

test('a slot is early before it is due, then current, then passed when the next one is due', (t) => {
  const due = dueAt(rhythm, 9);
  t.deepEqual(positionOf(rhythm, 9, due - 1), { kind: 'early', dueAt: due });
  t.deepEqual(positionOf(rhythm, 9, due), { kind: 'current' });
  t.deepEqual(positionOf(rhythm, 9, due + minute - 1), { kind: 'current' });
  t.deepEqual(positionOf(rhythm, 9, due + minute), { kind: 'passed' });
});

test('no job waits for an hour after its slot: one that ended so long ago was numbered by another interval', (t) => {
  const ended = dueAt(rhythm, 10);
  t.false(isRenumbered(rhythm, 9, ended + 60 * minute - 1));
  t.true(isRenumbered(rhythm, 9, ended + 60 * minute));
});

test('in each slot the canaries are in another order, and every canary is early in its share of the slots', (t) => {
  const canaries = Array.from({ length: 20 }, (_, index) => ({ uid: `uid-${index}`, intervalMs: minute }));
  const first = new Map<string, number>();
  for (let slot = 29_400_000; slot < 29_402_000; slot += 1) {
    const [head] = canaries.toSorted((a, b) => shuffleRank(a, slot) - shuffleRank(b, slot));
    first.set(head?.uid ?? '', (first.get(head?.uid ?? '') ?? 0) + 1);
  }
  for (const { uid } of canaries) {
    const times = first.get(uid) ?? 0;
    t.true(times > 50 && times < 160, `${uid} was first ${times} times of 2000`);
  }
});

test('of any canary one in so many slots is taken, evenly, and of all canaries the same part in any slot', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 20, noNaN: true }), fc.uuid(), (ratio, uid) => {
      const first = 29_400_000;
      const slots = Array.from({ length: 400 }, (_, index) => first + index);
      const taken = slots.filter((slot) => isTaken({ uid, intervalMs: minute }, slot, ratio));
      const gaps = taken.slice(1).map((slot, index) => slot - (taken[index] ?? 0));
      return Math.max(...gaps) <= Math.ceil(ratio) && Math.abs(taken.length - 400 / ratio) <= 1;
    }),
  );
  for (const ratio of [1.25, 2, 3.7]) {
    const canaries = Array.from({ length: 2_000 }, (_, index) => ({ uid: `uid-${index}`, intervalMs: minute }));
    for (const slot of [29_400_000, 29_400_001, 29_400_002]) {
      const taken = canaries.filter((canary) => isTaken(canary, slot, ratio)).length;
      t.true(Math.abs(taken - 2_000 / ratio) < 100, `${taken} of 2000 at a ratio of ${ratio}`);
    }
  }
});
