import test from 'ava';
import { silentLogger as log } from '../../platform/logger.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { startCanaryGauges } from '../../worker/canary-gauges.ts';
import type { IndexedCanary } from '../../worker/canary-index.ts';
import type { Leases } from '../../worker/lease.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const aCanary = (name: string, phase: string, weight: number): IndexedCanary => ({
  name: `${name}-canary`,
  namespace: 'shop',
  creationTimestamp: '2026-01-01T00:00:00Z',
  phase,
  weight,
  spec: { target: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
});

/** A lease that one process at a time may hold. */
function aLease(): { leases: Leases } {
  let taken = false;
  const leases: Leases = {
    take: async () => {
      if (taken) return undefined;
      taken = true;
      let held = true;
      return {
        isHeld: () => held,
        confirm: async () => held,
        release: async () => {
          held = false;
          taken = false;
        },
      };
    },
  };
  return { leases };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const seriesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('flagger_'));

test('phase, weights and number of canaries are shown under the names of the reference', async (t) => {
  const metrics = createMetrics();
  const canaries = [aCanary('a', 'Progressing', 20), aCanary('b', 'Failed', 0), aCanary('c', 'Waiting', 0)];
  const index = { all: () => canaries, synced: () => true };
  startCanaryGauges({ metrics, index, leases: aLease().leases, clock: createFakeClock(), log });
  await settle();
  t.deepEqual(seriesOf(await metrics.render()), [
    'flagger_canary_total{namespace="shop"} 3',
    'flagger_canary_status{name="a",namespace="shop"} 0',
    'flagger_canary_status{name="b",namespace="shop"} 2',
    'flagger_canary_status{name="c",namespace="shop"} 1',
    'flagger_canary_weight{workload="a-primary",namespace="shop"} 80',
    'flagger_canary_weight{workload="a",namespace="shop"} 20',
    'flagger_canary_weight{workload="b-primary",namespace="shop"} 100',
    'flagger_canary_weight{workload="b",namespace="shop"} 0',
    'flagger_canary_weight{workload="c-primary",namespace="shop"} 100',
    'flagger_canary_weight{workload="c",namespace="shop"} 0',
  ]);
});

test('a deleted canary is shown no more, and its emptied namespace counts none', async (t) => {
  const metrics = createMetrics();
  const canaries = [aCanary('a', 'Succeeded', 0)];
  startCanaryGauges({
    metrics,
    index: { all: () => canaries, synced: () => true },
    leases: aLease().leases,
    clock: createFakeClock(),
    log,
  });
  await settle();
  await metrics.render();
  canaries.pop();
  t.deepEqual(seriesOf(await metrics.render()), ['flagger_canary_total{namespace="shop"} 0']);
});

test('of two workers one shows the gauges, and the other takes over when it leaves', async (t) => {
  const clock = createFakeClock();
  const { leases } = aLease();
  const index = { all: () => [aCanary('a', 'Succeeded', 0)], synced: () => true };
  const workers = [1, 2].map(() => {
    const metrics = createMetrics();
    return { metrics, gauges: startCanaryGauges({ metrics, index, leases, clock, log }) };
  });
  const shown = async (): Promise<number[]> =>
    Promise.all(workers.map(async ({ metrics }) => seriesOf(await metrics.render()).length));
  await settle();
  t.deepEqual(await shown(), [4, 0]);
  await workers[0]?.gauges.stop();
  await clock.advance(5_000);
  t.deepEqual(await shown(), [0, 4]);
});
