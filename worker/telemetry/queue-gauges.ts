/** What lies in the queues, when the scheduler last added to them, and what waits in outboxes. */
import type { Queue } from 'bullmq';
import type { GaugePage } from '../../platform/observability/gauge-page.ts';
import { countsOf, waitingByTenant } from '../../queue/depth.ts';
import { ratioIn } from '../../queue/pace-store.ts';
import type { PaceStore } from '../../queue/pace-store.ts';
import type { TickMark } from '../../queue/tick-mark.ts';
import type { GaugeSource } from './cluster-gauges.ts';
import type { OutboxAge } from './outbox-age.ts';

type CountedQueue = Pick<Queue, 'getJobCounts' | 'getRanges'>;

export interface QueueGaugesOptions {
  readonly steps: CountedQueue;
  readonly alerts: CountedQueue;
  readonly ticks: Pick<TickMark, 'read'>;
  readonly pace: Pick<PaceStore, 'read'>;
  readonly outbox: OutboxAge;
}

type Page = Pick<GaugePage, 'gauge'>;

export function createQueueGauges(options: QueueGaugesOptions): readonly GaugeSource[] {
  const { steps, alerts, ticks, pace, outbox } = options;
  return [
    { fill: (page) => fillCounts(page, { steps, alerts }) },
    { fill: (page) => fillTenants(page, steps) },
    { fill: (page) => fillTick(page, ticks) },
    { fill: (page) => fillPace(page, pace) },
    { look: () => outbox.look(), fill: (page) => fillOutbox(page, outbox) },
  ];
}

async function fillCounts(page: Page, queues: Readonly<Record<'steps' | 'alerts', CountedQueue>>): Promise<void> {
  const jobs = page.gauge({
    name: 'aviary_queue_jobs',
    help: 'Jobs in the queues by state: waiting (due), active, delayed (not due yet), failed (kept for a day).',
  });
  for (const [queue, source] of Object.entries(queues)) {
    for (const [state, count] of Object.entries(await countsOf(source))) jobs(count, { queue, state });
  }
}

async function fillTenants(page: Page, steps: CountedQueue): Promise<void> {
  const waiting = page.gauge({
    name: 'aviary_queue_waiting_steps',
    help: 'Steps that are due and wait for a worker: of the ten namespaces with the most, and of all others together.',
  });
  for (const [namespace, count] of await waitingByTenant(steps)) waiting(count, { namespace });
}

async function fillTick(page: Page, ticks: QueueGaugesOptions['ticks']): Promise<void> {
  const last = page.gauge({
    name: 'aviary_scheduler_last_tick_timestamp_seconds',
    help: 'When any scheduler, resident or of a CronJob, last added what was due.',
  });
  const at = await ticks.read();
  if (at !== undefined) last(at / 1_000);
}

async function fillPace(page: Page, pace: QueueGaugesOptions['pace']): Promise<void> {
  const ratio = page.gauge({
    name: 'aviary_interval_stretch_ratio',
    help: 'How far intervals are stretched because the workers do not keep up: of so many slots one is taken.',
  });
  ratio(ratioIn(await pace.read()));
}

async function fillOutbox(page: Page, outbox: OutboxAge): Promise<void> {
  const oldest = page.gauge({
    name: 'aviary_outbox_oldest_seconds',
    help: 'For how long the oldest event, alert or counter has waited to be delivered; 0 when none waits.',
  });
  const count = page.gauge({
    name: 'aviary_outbox_announcements',
    help: 'Events, alerts and counters that wait to be delivered.',
  });
  const { announcements, oldestMs } = await outbox.measure();
  count(announcements);
  oldest(oldestMs / 1_000);
}
