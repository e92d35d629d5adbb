import test from 'ava';
import { createTrafficCounter } from '../../sandbox/mesh/storefront/traffic-counter.ts';

const at = '2026-01-02T03:04:05.678Z';

test('answers are counted by version and status', (t) => {
  const counter = createTrafficCounter();
  counter.record({ at, version: '6.9.2', status: 200 });
  counter.record({ at, version: '6.9.1', status: 200 });
  counter.record({ at, version: '6.9.2', status: 200 });
  counter.record({ at, version: '6.9.2', status: 500 });
  t.deepEqual(counter.counts(), {
    requests: 4,
    failed: 1,
    answers: [
      { version: '6.9.1', status: 200, count: 1 },
      { version: '6.9.2', status: 200, count: 2 },
      { version: '6.9.2', status: 500, count: 1 },
    ],
    lastFailures: [{ at, version: '6.9.2', status: 500 }],
  });
});

test('of many failures the last twenty are kept in full', (t) => {
  const counter = createTrafficCounter();
  for (let n = 1; n <= 25; n += 1) counter.record({ at, version: 'none', status: 0, error: `refused ${n}` });
  const { failed, lastFailures } = counter.counts();
  t.is(failed, 25);
  t.is(lastFailures.length, 20);
  t.is(lastFailures[0]?.error, 'refused 6');
});
