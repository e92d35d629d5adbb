import test from 'ava';
import { slotAt } from '../../canary/slot.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import type { PassedAt } from '../../queue/sweep.ts';
import { createPacing } from '../../scheduler/pacing.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aSchedule } from '../support/schedules.ts';

test('what waits is told apart: current, passed, and numbered by the interval before', async (t) => {
  const clock = createFakeClock();
  let told: PassedAt | undefined;
  const pacing = createPacing({
    store: { read: async () => undefined, replace: async () => undefined },
    queue: {
      waiting: async () => 1,
      sweep: async (passedAt) => {
        told = passedAt;
        return { missed: 0, current: 0 };
      },
      isAttended: async () => true,
    },
    timing: { tickMs: 10_000, horizonMs: 25_000 },
    clock,
    log,
  });
  const canary = aSchedule('podinfo', { intervalMs: 60_000 });
  await pacing([canary]);
  const { uid } = canary;
  const current = slotAt(canary.rhythm, clock.now());
  const ofTenMinutes = slotAt({ uid, intervalMs: 600_000 }, clock.now());
  const passedAt = (slot: number) => told?.({ name: 'step', canary, slot });
  t.is(passedAt(current), undefined);
  t.is(typeof passedAt(current - 1), 'number');
  t.is(passedAt(ofTenMinutes), 'renumbered');
});
