import test from 'ava';
import type { Condition } from '../../canary/canary.ts';
import { queuedSince, whyQueued } from '../../canary/queued.ts';
import { inPhase } from './situations.ts';

const canary = inPhase('Succeeded');
const at = '2026-03-01T11:59:00.000Z';

function sinceOf(over: Partial<Condition>): number | undefined {
  const queued = { type: 'Queued', status: 'True', reason: 'ClusterFull', message: '', lastUpdateTime: at } as const;
  return queuedSince({ ...canary.status, conditions: [{ ...queued, lastTransitionTime: at, ...over }] });
}

test('a canary waits since its condition says so, and only while it does', (t) => {
  t.is(sinceOf({}), Date.parse(at));
  t.is(sinceOf({ status: 'False' }), undefined);
  t.is(sinceOf({ lastTransitionTime: 'soon' }), undefined);
  t.is(queuedSince(canary.status), undefined);
});

const full = { kind: 'queued', by: 'cluster', runs: 20, most: 20 } as const;
const lineOf = (position: number, waiting: number): string =>
  whyQueued(canary, { ...full, position, waiting }).message.replace(/^.*it is /, '');

for (const [position, waiting, line] of [
  [1, 1, 'number 1 of 1 that wait.'],
  [10, 10, 'number 10 of 10 that wait.'],
  [11, 11, 'beyond number 10 of more than 10 that wait.'],
  [20, 21, 'beyond number 10 of more than 20 that wait.'],
  [50, 51, 'beyond number 20 of more than 50 that wait.'],
  [100, 101, 'beyond number 50 of more than 100 that wait.'],
  [201, 5_000, 'beyond number 200 of more than 2000 that wait.'],
] as const) {
  test(`the place is told exactly near the own turn, and roughly before: ${position} of ${waiting}`, (t) => {
    t.is(lineOf(position, waiting), line);
  });
}
