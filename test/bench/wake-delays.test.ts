import test from 'ava';
import { wakeDelays } from '../../bench/measure/wake-delays.ts';
import type { FinishedJob } from '../../bench/measure/finished-jobs.ts';

const job = (canary: string, addedAt: number, kind: FinishedJob['kind'] = 'wake'): FinishedJob => ({
  id: `${canary} ${addedAt}`,
  kind,
  canary,
  slot: undefined,
  addedAt,
  startedAt: addedAt + 5,
  finishedAt: addedAt + 9,
  outcome: 'started',
});

test('a change is woken for by the first wake after it', (t) => {
  const changes = [
    { namespace: 'shop', name: 'a', sentAt: 1_000 },
    { namespace: 'shop', name: 'b', sentAt: 1_010 },
  ];
  const jobs = [job('shop/a', 990), job('shop/a', 1_030), job('shop/a', 1_900), job('shop/b', 1_210)];
  t.deepEqual(wakeDelays(changes, jobs), { spread: { p50: 30, p99: 200, max: 200 }, unwoken: 0 });
});

test('a slot is no wake, nor is that of another canary, and what nothing follows is counted', (t) => {
  const changes = [{ namespace: 'shop', name: 'a', sentAt: 1_000 }];
  const jobs = [job('shop/a', 1_030, 'step'), job('shop/b', 1_040)];
  t.deepEqual(wakeDelays(changes, jobs), { spread: undefined, unwoken: 1 });
});
