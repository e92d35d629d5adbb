/** What a scheduler that keeps running tells about its ticks. */
import type { Metrics } from '../platform/observability/metrics.ts';
import { endStates } from '../queue/relief.ts';
import type { RelievedTickOptions } from './relief.ts';
import type { TickLoopOptions } from './tick.ts';

type Telling = Required<Pick<TickLoopOptions, 'onSuccess' | 'onFailure'>> &
  Required<Pick<RelievedTickOptions, 'onRelief'>>;

export function createTickMetrics(metrics: Pick<Metrics, 'counter' | 'gauge' | 'histogram'>): Telling {
  const ticks = metrics.counter({
    name: 'aviary_scheduler_ticks_total',
    help: 'Ticks of the scheduler by how they ended.',
    labels: ['result'],
  });
  const canaries = metrics.gauge({
    name: 'aviary_scheduler_canaries',
    help: 'Canaries that the last tick saw.',
  });
  const duration = metrics.histogram({
    name: 'aviary_scheduler_tick_duration_seconds',
    help: 'Time of a tick that was done: reading the Canaries and adding what is due.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  });
  const relief = metrics.counter({
    name: 'aviary_scheduler_relief_jobs_total',
    help: 'Jobs that had ended and were removed because Redis was full.',
    labels: ['state'],
  });
  // Shown from the start, or the first relief would be no increase.
  for (const state of endStates) relief.inc({ state }, 0);
  return {
    onRelief: ({ removed }) => {
      for (const state of endStates) relief.inc({ state }, removed[state]);
    },
    onSuccess: (report) => {
      duration.observe(report.durationMs / 1_000);
      ticks.inc({ result: 'success' });
      canaries.set(report.canaries);
    },
    onFailure: () => ticks.inc({ result: 'failure' }),
  };
}
