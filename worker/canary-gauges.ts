/**
 * The reference's gauges of Canaries. All workers see the same Canaries, so only one of them shows the gauges: the one
 * that holds the exporter's lease. Series of a deleted Canary are gone with the next scrape.
 */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { CanaryIndex, IndexedCanary } from './canary-index.ts';
import type { Lease, Leases } from './lease.ts';

export interface CanaryGaugesOptions {
  readonly metrics: Pick<Metrics, 'addSource'>;
  readonly index: Pick<CanaryIndex, 'all' | 'synced'>;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface CanaryGauges {
  stop(): Promise<void>;
}

const retryMs = 5_000;

export function startCanaryGauges({ metrics, index, leases, clock, log }: CanaryGaugesOptions): CanaryGauges {
  let lease: Lease | undefined;
  let stopped = false;
  const namespaces = new Set<string>();
  const take = async (): Promise<void> => {
    if (stopped || lease !== undefined) return;
    try {
      lease = await leases.take('canary-gauges', () => {
        lease = undefined;
      });
    } catch (error) {
      log.debug({ err: error }, 'lease of the gauges not taken');
    }
  };
  const stopTaking = clock.every(retryMs, () => void take());
  void take();
  metrics.addSource(async () => (lease?.isHeld() === true && index.synced() ? render(index.all(), namespaces) : ''));
  return {
    stop: async () => {
      stopped = true;
      stopTaking();
      const held = lease;
      lease = undefined;
      await held?.release();
    },
  };
}

/** @param namespaces all that ever had a Canary: one that was emptied shows 0 */
async function render(canaries: Iterable<IndexedCanary>, namespaces: Set<string>): Promise<string> {
  const metrics = createMetrics();
  const total = metrics.gauge({
    name: 'flagger_canary_total',
    help: 'Total number of canaries',
    labels: ['namespace'],
  });
  const status = metrics.gauge({
    name: 'flagger_canary_status',
    help: 'Last canary analysis result: 0 while it runs, 1 otherwise, 2 when it failed',
    labels: ['name', 'namespace'],
  });
  const weight = metrics.gauge({
    name: 'flagger_canary_weight',
    help: 'Share of the traffic that a workload gets, in percent',
    labels: ['workload', 'namespace'],
  });
  for (const namespace of namespaces) total.set({ namespace }, 0);
  for (const canary of canaries) {
    const { namespace } = canary;
    const { name } = canary.spec.target;
    namespaces.add(namespace);
    total.inc({ namespace });
    status.set({ name, namespace }, statusValue(canary.phase));
    weight.set({ workload: `${name}-primary`, namespace }, 100 - canary.weight);
    weight.set({ workload: name, namespace }, canary.weight);
  }
  return metrics.render();
}

function statusValue(phase: string): number {
  if (phase === 'Progressing') return 0;
  return phase === 'Failed' ? 2 : 1;
}
