/** What lies in the queues, when the scheduler last added to them, and what waits in outboxes. */
import type { Queue } from 'bullmq';
import type { Metrics } from '../platform/metrics.ts';
import { countsOf, waitingByTenant } from '../queue/depth.ts';
import type { TickMark } from '../queue/tick-mark.ts';
import type { GaugeSource } from './cluster-gauges.ts';
import type { OutboxAge } from './outbox-age.ts';

type CountedQueue = Pick<Queue, 'getJobCounts' | 'getRanges'>;

export interface QueueGaugesOptions {
  readonly steps: CountedQueue;
  readonly alerts: CountedQueue;
  readonly ticks: Pick<TickMark, 'read'>;
  readonly outbox: OutboxAge;
}

type Gauges = Pick<Metrics, 'gauge'>;

export function createQueueGauges({ steps, alerts, ticks, outbox }: QueueGaugesOptions): readonly GaugeSource[] {
  return [
    { fill: (metrics) => fillCounts(metrics, { steps, alerts }) },
    { fill: (metrics) => fillTenants(metrics, steps) },
    { fill: (metrics) => fillTick(metrics, ticks) },
    { look: () => outbox.look(), fill: (metrics) => fillOutbox(metrics, outbox) },
  ];
}

async function fillCounts(metrics: Gauges, queues: Readonly<Record<'steps' | 'alerts', CountedQueue>>): Promise<void> {
  const jobs = metrics.gauge({
    name: 'aviary_queue_jobs',
    help: 'Jobs in the queues by state: waiting (due), active, delayed (not due yet), failed (kept for a day).',
    labels: ['queue', 'state'],
  });
  for (const [queue, source] of Object.entries(queues)) {
    for (const [state, count] of Object.entries(await countsOf(source))) jobs.set({ queue, state }, count);
  }
}

async function fillTenants(metrics: Gauges, steps: CountedQueue): Promise<void> {
  const waiting = metrics.gauge({
    name: 'aviary_queue_waiting_steps',
    help: 'Steps that are due and wait for a worker: of the ten namespaces with the most, and of all others together.',
    labels: ['namespace'],
  });
  for (const [namespace, count] of await waitingByTenant(steps)) waiting.set({ namespace }, count);
}

async function fillTick(metrics: Gauges, ticks: QueueGaugesOptions['ticks']): Promise<void> {
  const last = metrics.gauge({
    name: 'aviary_scheduler_last_tick_timestamp_seconds',
    help: 'When any scheduler, resident or of a CronJob, last added what was due.',
  });
  const at = await ticks.read();
  // A gauge without labels shows 0 until it is set, and that would be 1970.
  if (at === undefined) last.remove();
  else last.set(at / 1_000);
}

async function fillOutbox(metrics: Gauges, outbox: OutboxAge): Promise<void> {
  const oldest = metrics.gauge({
    name: 'aviary_outbox_oldest_seconds',
    help: 'For how long the oldest event, alert or counter has waited to be delivered; 0 when none waits.',
  });
  const count = metrics.gauge({
    name: 'aviary_outbox_announcements',
    help: 'Events, alerts and counters that wait to be delivered.',
  });
  const { announcements, oldestMs } = await outbox.measure();
  count.set(announcements);
  oldest.set(oldestMs / 1_000);
}
