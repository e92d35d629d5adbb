import test from 'ava';
import { slotAt, slotsWithin } from '../../canary/slot.ts';
import { readSchedule } from '../../canary/schedule.ts';
import { needsOf, unitCostsOf } from '../../bench/capacity/arithmetic.ts';
import {
  canaryObject,
  inhabitantsOf,
  keyOf,
  numberOf,
  rhythmOf,
  rhythmOfName,
  stepsPerSecond,
} from '../../bench/capacity/population.ts';
import { judge } from '../../bench/capacity/steady.ts';
import type { TakenSlot } from '../../bench/capacity/worker.ts';
import { sectionsOf } from '../../bench/report/sections.ts';
import { aCapacityResult } from './a-capacity-result.ts';

test('a simulated canary is the same wherever it is made up: scheduler, worker and judge agree on its slots', (t) => {
  for (const index of [0, 1, 2, 3, 99_999]) {
    const schedule = readSchedule(canaryObject(index));
    t.deepEqual(schedule?.rhythm, rhythmOf(index));
    t.deepEqual(rhythmOfName(keyOf(index).name), rhythmOf(index));
    t.is(numberOf(keyOf(index).name), index);
  }
});

test('the steps of a second are those that fall due in it', (t) => {
  const span = { after: 0, until: 60_000 };
  const due = inhabitantsOf(2_000).reduce((sum, { rhythm }) => sum + slotsWithin(rhythm, span).length, 0);
  t.is(due, 60 * stepsPerSecond(2_000));
});

const span = { after: 600_000, until: 610_000 };
const all = inhabitantsOf(8);

function takenAll(): TakenSlot[] {
  return all.flatMap(({ namespace, name, rhythm }) =>
    slotsWithin(rhythm, span).map((slot) => ({
      canary: `${namespace}/${name}`,
      slot,
      latenessMs: 5,
      finishedAt: 0,
      isTaken: true,
    })),
  );
}

test('each slot taken once is nothing lost and nothing twice', (t) => {
  const taken = takenAll();
  const { due, taken: count, doubles, passed, lateness } = judge(all, taken, span);
  t.true(due >= 2, 'canaries of ten seconds have a slot in ten seconds');
  t.deepEqual({ count, doubles, passed, p99: lateness?.p99 }, { count: due, doubles: 0, passed: 0, p99: 5 });
});

test('what was lost, came twice or came late is told', (t) => {
  const [first, second, ...rest] = takenAll();
  if (first === undefined || second === undefined) throw new Error('expected two slots in the span');
  const lost = judge(all, [second, ...rest], span);
  t.is(lost.due - lost.taken, 1);
  const twice = judge(all, [first, first, second, ...rest], span);
  t.deepEqual({ doubles: twice.doubles, taken: twice.taken }, { doubles: 1, taken: twice.due });
  const late = judge(all, [{ ...first, isTaken: false }, second, ...rest], span);
  t.deepEqual({ passed: late.passed, taken: late.taken }, { passed: 1, taken: late.due - 1 });
  const [canary] = all;
  if (canary === undefined) throw new Error('expected canaries');
  const another = { ...first, slot: slotAt(canary.rhythm, span.until) + 1_000 };
  t.is(judge(all, [...takenAll(), another], span).taken, twice.due, 'what lies beyond the span does not count');
});

test('needs follow from the pieces: steps a second times what one costs', (t) => {
  const costs = unitCostsOf(aCapacityResult());
  t.deepEqual(
    [costs.redisRestMs, costs.redisStepMs].map((ms) => ms.toFixed(3)),
    ['0.120', '0.220'],
    'adding, and the workers two at a time',
  );
  const needs = needsOf(costs, { canaries: 100_000, intervalSeconds: 10 }, { horizonSeconds: 25, keptSeconds: 180 });
  t.is(needs.stepsPerSecond, 10_000);
  t.is(needs.redisCores.toFixed(2), '1.20');
  t.is(Math.round(needs.redisMiB), Math.round((10_000 * (25 * 1_024 + 180 * 2_048)) / 2 ** 20));
  t.is(needs.requestsOfAll, 40_000);
  t.is(Math.round(needs.schedulerMiB), 420, 'twenty, and four for each thousand');
});

test('the report has the figures and says what is computed', (t) => {
  const figures = sectionsOf({ capacity: aCapacityResult() })[0]?.figures ?? '';
  t.regex(figures, /A job that waits takes 1,024 bytes of Redis, one that has ended 2,048\./);
  t.regex(figures, /Computed from these/);
  t.regex(figures, /\| +100,000 \| +10 \| +10,000 \| +20,000 \| +1\.20 \|/);
});
