import test from 'ava';
import { createOutboxAge } from '../../../worker/telemetry/outbox-age.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { anIndexedCanary } from '../../support/indexed-canary.ts';

test('an announcement is as old as it was seen to lie there, and one that was delivered does not count', async (t) => {
  const clock = createFakeClock();
  const delivered = new Set<string>();
  let outbox = ['first'];
  const age = createOutboxAge({
    index: { all: () => [anIndexedCanary('a', { outbox }), anIndexedCanary('b')] },
    markers: { known: async (ids) => new Set(ids.filter((id) => delivered.has(id))) },
    clock,
  });
  age.look();
  await clock.advance(10_000);
  outbox = ['first', 'second'];
  age.look();
  await clock.advance(5_000);
  t.deepEqual(await age.measure(), { announcements: 2, oldestMs: 15_000 });
  delivered.add('first');
  t.deepEqual(await age.measure(), { announcements: 1, oldestMs: 5_000 });
  outbox = [];
  age.look();
  t.deepEqual(await age.measure(), { announcements: 0, oldestMs: 0 });
});
