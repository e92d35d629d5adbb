/**
 * Puts alerts on their way: one job per receiver, until the job has come to an end. The jobs are lost with Redis, so the
 * alert stays in the outbox of its Canary meanwhile, and each step asks again.
 */
import type { Canary } from '../../canary/canary.ts';
import { alertJobId } from '../../queue/alert-job.ts';
import type { AlertQueue } from '../../queue/alert-queue.ts';
import type { AlertAnnouncement } from './announce.ts';
import type { AlertRouter } from '../notifiers/alert-router.ts';
import type { SentMarkers } from './sent-markers.ts';

export interface AlertDispatchOptions {
  readonly alerts: Pick<AlertQueue, 'add'>;
  readonly route: AlertRouter;
  readonly markers: Pick<SentMarkers, 'known'>;
}

/** @returns whether every receiver's job has ended; a job that is still to be run is left as it is */
export type AlertDispatch = (canary: Canary, alert: AlertAnnouncement) => Promise<boolean>;

export function createAlertDispatch({ alerts, route, markers }: AlertDispatchOptions): AlertDispatch {
  return async (canary, announcement) => {
    const { kind: _kind, ...alert } = announcement;
    const { namespace: ns, name, uid } = canary;
    const deliveries = route(canary, announcement).map(({ id }) => ({ id, mark: endOf(alertJobId(canary, id)) }));
    const ended = await markers.known(deliveries.map(({ mark }) => mark));
    const open = deliveries.filter(({ mark }) => !ended.has(mark));
    for (const { id } of open) await alerts.add({ ns, name, uid, alert, delivery: id });
    return open.length === 0;
  };
}

/** Marker of a job that has come to an end, however it ended. */
export const endOf = (jobId: string): string => `end of ${jobId}`;
