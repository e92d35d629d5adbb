import test from 'ava';
import { createTurns, priorityOf } from '../../queue/turns.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('urgent steps come before all others, and a tenant has a hundred such places', (t) => {
  t.is(priorityOf({ position: 1, isUrgent: true }), 1);
  t.is(priorityOf({ position: 100, isUrgent: true }), 100);
  t.is(priorityOf({ position: 1 }), 101);
  t.is(priorityOf({ position: 101, isUrgent: true }), priorityOf({ position: 101 }));
});

test('no number is higher than BullMQ takes', (t) => {
  t.is(priorityOf({ position: 5_000_000 }), 2 ** 21 - 1);
});

test('the wakes of a namespace stand behind each other, and begin anew after a while', async (t) => {
  const clock = createFakeClock();
  const turns = createTurns({ clock });
  t.deepEqual(
    ['big', 'big', 'small', 'big'].map((namespace) => turns.next(namespace)),
    [1, 2, 1, 3],
  );
  await clock.advance(10_000);
  t.is(turns.next('big'), 1);
});

test('turns begin anew when the clock is put back', (t) => {
  const clock = createFakeClock();
  const turns = createTurns({ clock });
  t.deepEqual([turns.next('big'), turns.next('big')], [1, 2]);
  clock.setWallClock(clock.now() - 3_600_000);
  t.deepEqual([turns.next('big'), turns.next('big')], [1, 2]);
});

test('a namespace that weighs more has more wakes in a turn', (t) => {
  const turns = createTurns({ clock: createFakeClock(), weights: new Map([['heavy', 2]]) });
  t.deepEqual(
    ['heavy', 'heavy', 'heavy', 'light', 'light'].map((namespace) => turns.next(namespace)),
    [1, 1, 2, 1, 2],
  );
});
