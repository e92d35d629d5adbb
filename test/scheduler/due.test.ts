import test from 'ava';
import { dueAt, slotAt } from '../../canary/slot.ts';
import { dueSteps } from '../../scheduler/due.ts';
import type { Stretch } from '../../scheduler/due.ts';
import { aSchedule, schedulesOf } from '../support/schedules.ts';

const now = 1_764_000_000_000;
const window = { now, lookbackMs: 90_000, horizonMs: 90_000 };

test('every slot up to the horizon is due, beginning with the current one', (t) => {
  const canary = aSchedule('podinfo');
  const steps = dueSteps([canary], window);
  const current = slotAt(canary.rhythm, now);
  t.deepEqual(
    steps.map(({ slot }) => slot).toSorted((a, b) => a - b),
    Array.from({ length: 10 }, (_, index) => current + index),
  );
  for (const { slot, dueAt: due } of steps) t.is(due, dueAt(canary.rhythm, slot));
});

test('slots that have passed are not due, however far the tick looks back', (t) => {
  const canary = aSchedule('podinfo', { intervalMs: 1_000 });
  const slots = dueSteps([canary], window).map(({ slot }) => slot);
  t.is(Math.min(...slots), slotAt(canary.rhythm, now));
});

test('a current slot that fell due before the window is not due again', (t) => {
  const canary = aSchedule('slow', { intervalMs: 3_600_000 });
  const due = dueAt(canary.rhythm, slotAt(canary.rhythm, now));
  const later = { now: due + 120_000, lookbackMs: 90_000, horizonMs: 90_000 };
  t.deepEqual(dueSteps([canary], later), []);
  t.is(dueSteps([canary], { ...later, now: due + 60_000 }).length, 1);
});

test('an idle canary has nothing due', (t) => {
  t.deepEqual(dueSteps([aSchedule('podinfo', { idle: true })], window), []);
});

test('what is due of a canary that is being deleted is its end', (t) => {
  const names = dueSteps([aSchedule('podinfo', { leaving: true })], window).map(({ name }) => name);
  t.deepEqual(new Set(names), new Set(['finalize']));
});

test('ticks that overlap name the same slots with the same due times', (t) => {
  const canaries = [aSchedule('a'), aSchedule('b', { intervalMs: 7_000 })];
  const first = dueSteps(canaries, window);
  const second = dueSteps(canaries, { ...window, now: now + 30_000 });
  const idOf = (step: (typeof first)[number]): string => `${step.canary.name} ${step.slot} ${step.dueAt}`;
  const firstIds = new Set(first.map(idOf));
  const shared = second.filter((step) => step.dueAt <= now + 90_000);
  t.true(shared.length > 10);
  for (const step of shared) t.true(firstIds.has(idOf(step)));
});

test('positions count up within a namespace, so a small one comes first beside a large one', (t) => {
  const hour = { now, lookbackMs: 600_000, horizonMs: 0 };
  const steps = dueSteps([...schedulesOf('large', 400), ...schedulesOf('small', 5)], hour);
  const positionsOf = (namespace: string): number[] =>
    steps
      .filter(({ canary }) => canary.namespace === namespace)
      .map(({ position }) => position)
      .toSorted((a, b) => a - b);
  t.deepEqual(
    positionsOf('large'),
    Array.from({ length: 400 }, (_, index) => index + 1),
  );
  t.deepEqual(positionsOf('small'), [1, 2, 3, 4, 5]);
});

test('a canary with many slots in the window is first in each of them when it is alone in its namespace', (t) => {
  const positions = dueSteps([aSchedule('fast', { intervalMs: 1_000 })], window).map(({ position }) => position);
  t.deepEqual(new Set(positions), new Set([1]));
  t.is(positions.length, 91);
});

test('the order within a namespace changes from slot to slot', (t) => {
  const canaries = schedulesOf('shop', 50);
  const orderAt = (time: number): string =>
    dueSteps(canaries, { now: time, lookbackMs: 600_000, horizonMs: 0 })
      .map(({ canary }) => canary.name)
      .join();
  t.is(orderAt(now), orderAt(now));
  t.not(orderAt(now), orderAt(now + 600_000));
});

test('urgent steps come first within their namespace, in each round of slots', (t) => {
  const canaries = ['a', 'b', 'c', 'd'].map((name) => aSchedule(name, { urgent: name === 'c' }));
  const steps = dueSteps(canaries, window);
  const first = steps.filter(({ position }) => position === 1);
  t.true(first.length > 5);
  t.deepEqual(new Set(first.map(({ canary }) => canary.name)), new Set(['c']));
  t.true(steps.every(({ canary, isUrgent }) => isUrgent === (canary.name === 'c')));
});

test('while intervals are stretched one in so many slots is due, a roll-back and a deletion in all of them', (t) => {
  const stretched = { ...window, stretch: { ratio: 3 } };
  const all = dueSteps([aSchedule('podinfo', { intervalMs: 1_000 })], window).length;
  const of = (over: Parameters<typeof aSchedule>[1]): number =>
    dueSteps([aSchedule('podinfo', { intervalMs: 1_000, ...over })], stretched).length;
  t.true(Math.abs(of({}) - all / 3) <= 1);
  t.is(of({ leaving: true }), all);
  t.is(of({ urgent: true }), all);
});

test('a slot that was left out stays left out when intervals are shorter again, those to come are due', (t) => {
  const canaries = Array.from({ length: 200 }, (_, index) => aSchedule(`app-${index}`));
  const idsOf = (stretch: Stretch): ReadonlySet<string> =>
    new Set(dueSteps(canaries, { ...window, stretch }).map(({ canary, slot }) => `${canary.name} ${slot}`));
  const [stretched, all] = [idsOf({ ratio: 4 }), idsOf({ ratio: 1 })];
  const lowered = dueSteps(canaries, { ...window, stretch: { ratio: 1, earlier: { ratio: 4, until: now } } });
  const [past, future] = [lowered.filter((step) => step.dueAt <= now), lowered.filter((step) => step.dueAt > now)];
  t.true(past.length > 20 && past.length < 80, `${past.length} of 200`);
  t.true(past.every(({ canary, slot }) => stretched.has(`${canary.name} ${slot}`)));
  t.is(future.length, all.size - 200);
});
