/** The contract of the alerts queue: one job is one alert on its way to one receiver, so a retry repeats no other. */
import type { Severity } from '../canary/spec.ts';
import { keyText } from './step-job.ts';
import type { CanaryKey } from './step-job.ts';

/** Who is to be told comes from the Canary when the job runs: no address and no secret lies in Redis. */
export interface AlertJobData {
  readonly ns: string;
  readonly name: string;
  readonly uid: string;
  readonly alert: QueuedAlert;
  /** Which of the alert's receivers. */
  readonly delivery: string;
}

export interface QueuedAlert {
  /** The announcement's. */
  readonly id: string;
  readonly severity: Severity;
  readonly message: string;
  readonly withMetadata: boolean;
}

export const alertJobName = 'alert';
export type AlertJobName = typeof alertJobName;

/** `delivered`: the receiver took it. `unwanted`: since then the Canary went, or names that receiver no more. */
export type AlertReport = { readonly canary: string; readonly outcome: 'delivered' | 'unwanted' };

/** Of an alert to a receiver, which is told from the others of its Canary. */
export const deliveryId = (alertId: string, receiver: string): string => `${alertId}.${receiver}`;

const receiverOf = (delivery: string): string => delivery.slice(delivery.lastIndexOf('.') + 1);

/** Alerts that go out one after another: those of one canary to one receiver. */
export interface AlertLane extends CanaryKey {
  readonly receiver: string;
}

/** The lane of a job: alerts in it go out one after another. */
export const laneOf = ({ ns, name, uid, delivery }: AlertJobData): AlertLane => ({
  namespace: ns,
  name,
  uid,
  receiver: receiverOf(delivery),
});

/** The id of the job of an alert to one receiver. @param delivery from {@link deliveryId} */
export const alertJobId = (canary: CanaryKey, delivery: string): string => `a.${keyText(canary)}.${delivery}`;

/** Attempts in about eight and a half minutes: 2 s, 4 s, 8 s, … apart. */
export const alertAttempts = 9;
export const alertBackoff = { type: 'exponential', delay: 2_000, jitter: 0.5 } as const;
