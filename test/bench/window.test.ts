import test from 'ava';
import { costsBetween, perRole, totalsBetween } from '../../bench/measure/window.ts';
import type { Reading } from '../../bench/measure/window.ts';

const aReading = (changes: Partial<Reading> = {}): Reading => ({
  at: 1_000_000,
  cpu: perRole(() => 10),
  requests: { 'get canaries.flagger.app': 50, 'get services': 7 },
  answered: 300,
  steps: 100,
  ...changes,
});

const later: Reading = {
  at: 1_060_000,
  cpu: { scheduler: 10.2, workers: 11, redis: 10.1, apiServer: 10.6, etcd: 10.1 },
  requests: { 'get canaries.flagger.app': 250, 'get services': 7, 'replace canaries.flagger.app': 100 },
  answered: 640,
  steps: 300,
};

test('costs are differences between two readings, for each step', (t) => {
  const costs = costsBetween(aReading(), later);
  t.is(costs.seconds, 60);
  t.is(costs.steps, 200);
  t.is(costs.requests, 1.5);
  t.is(costs.answered, 1.7);
  t.is(costs.cpuMs.workers, 5);
  t.is(Math.round(costs.totalCpuMs * 1_000), 10_000);
});

test('kinds of requests come with the most frequent first, without those that were not made', (t) => {
  t.deepEqual(Object.entries(costsBetween(aReading(), later).requestsByKind), [
    ['get canaries.flagger.app', 1],
    ['replace canaries.flagger.app', 0.5],
  ]);
});

test('totals are the same differences, not divided, and need no step', (t) => {
  const totals = totalsBetween(aReading(), { ...later, steps: 100 });
  t.is(totals.steps, 0);
  t.is(totals.cpu.workers, 1);
  t.deepEqual(Object.entries(totals.requests), [
    ['get canaries.flagger.app', 200],
    ['replace canaries.flagger.app', 100],
  ]);
  t.is(totals.answered, 340);
});

test('without a step there is nothing to divide by, and that is said', (t) => {
  t.throws(() => costsBetween(aReading(), aReading()), {
    message: /expected steps between the two readings, got none/,
  });
});
