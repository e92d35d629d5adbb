/** What a scheduler that keeps running tells about its ticks. */
import type { Metrics } from '../platform/metrics.ts';
import type { TickLoopOptions } from './tick.ts';

export function createTickMetrics(
  metrics: Pick<Metrics, 'counter' | 'gauge'>,
): Required<Pick<TickLoopOptions, 'onSuccess' | 'onFailure'>> {
  const ticks = metrics.counter({
    name: 'aviary_scheduler_ticks_total',
    help: 'Ticks of the scheduler by how they ended.',
    labels: ['result'],
  });
  const canaries = metrics.gauge({
    name: 'aviary_scheduler_canaries',
    help: 'Canaries that the last tick saw.',
  });
  return {
    onSuccess: (report) => {
      ticks.inc({ result: 'success' });
      canaries.set(report.canaries);
    },
    onFailure: () => ticks.inc({ result: 'failure' }),
  };
}
