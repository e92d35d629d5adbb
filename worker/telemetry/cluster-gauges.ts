/**
 * What all workers would show alike: only the one that holds the exporter's lease shows it, so that sums stay right.
 * Workers are the ones that always run, whichever scheduler there is.
 */
import type { Clock } from '../../platform/clock.ts';
import { createGaugePage } from '../../platform/observability/gauge-page.ts';
import type { GaugePage } from '../../platform/observability/gauge-page.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { Metrics } from '../../platform/observability/metrics.ts';
import type { Lease, Leases } from '../step/lease.ts';

/** Gauges that are made anew for each scrape: what is gone is shown no more. */
export interface GaugeSource {
  /** Before each scrape, also in the workers that show nothing. */
  look?(): void;
  /** One that fails leaves its gauges out. */
  fill(page: Pick<GaugePage, 'gauge'>): Promise<void> | void;
}

export interface ClusterGaugesOptions {
  readonly metrics: Pick<Metrics, 'addSource'>;
  readonly sources: readonly GaugeSource[];
  readonly leases: Pick<Leases, 'take'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ClusterGauges {
  stop(): Promise<void>;
}

const retryMs = 5_000;

export function startClusterGauges({ metrics, sources, leases, clock, log }: ClusterGaugesOptions): ClusterGauges {
  let lease: Lease | undefined;
  let isTaking = false;
  let stopped = false;
  const take = async (): Promise<void> => {
    // Redis may answer later than the next try: a second lease that is asked for meanwhile is refused because of the first.
    if (stopped || isTaking || lease !== undefined) return;
    isTaking = true;
    try {
      lease = await leases.take('canary-gauges', () => {
        lease = undefined;
      });
      if (stopped) await lease?.release();
    } catch (error) {
      log.debug({ err: error }, 'lease of the gauges not taken');
    } finally {
      isTaking = false;
    }
  };
  const stopTaking = clock.every(retryMs, () => void take());
  void take();
  metrics.addSource(async () => {
    for (const source of sources) source.look?.();
    return lease?.isHeld() === true ? render(sources, log) : '';
  });
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

async function render(sources: readonly GaugeSource[], log: Logger): Promise<string> {
  const page = createGaugePage();
  const fills = await Promise.allSettled(sources.map(async (source) => source.fill(page)));
  for (const fill of fills) {
    if (fill.status === 'rejected') log.warn({ err: fill.reason }, 'gauges left out of a scrape');
  }
  return page.render();
}
