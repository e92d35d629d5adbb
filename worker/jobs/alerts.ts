/** Consumes the alerts queue: one job is one alert to one receiver, who gets those of a canary in the order in which they were raised. */
import { DelayedError, UnrecoverableError } from 'bullmq';
import type { Canary } from '../../canary/canary.ts';
import type { Clock } from '../../platform/clock.ts';
import { withDeadline } from '../../platform/deadline.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { whenThereIsRoom } from '../../platform/redis/full.ts';
import { noTracing } from '../../platform/observability/tracing.ts';
import type { Tracing } from '../../platform/observability/tracing.ts';
import { alertAttempts, laneOf } from '../../queue/alert-job.ts';
import type { AlertJobData, AlertReport } from '../../queue/alert-job.ts';
import type { AlertLanes } from '../../queue/alert-queue.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { UnreadableCanary } from '../announcements/alerted-canaries.ts';
import type { ReadAlertedCanary } from '../announcements/alerted-canaries.ts';
import { endOf } from '../announcements/alert-dispatch.ts';
import type { AlertAnnouncement } from '../announcements/announce.ts';
import { asJob } from './job-trace.ts';
import type { CausedJob } from './job-trace.ts';
import { AlertSetupError } from '../notifiers/provider.ts';
import type { SentMarkers } from '../announcements/sent-markers.ts';
import type { AlertRouter, Delivery } from '../notifiers/alert-router.ts';

/** What the consumer needs of a BullMQ job. */
export interface AlertJob extends CausedJob {
  readonly data: AlertJobData;
  /** Attempts before this one. */
  readonly attemptsMade: number;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
}

export interface AlertConsumerOptions {
  /** Reads the Canary now. */
  readonly read: ReadAlertedCanary;
  readonly route: AlertRouter;
  readonly lanes: AlertLanes;
  /** Of a connection that waits while Redis is away: what has been sent is noted, however long that takes. */
  readonly markers: Pick<SentMarkers, 'known' | 'mark'>;
  /** Whether a job is still to be run. */
  readonly isPending: (jobId: string) => Promise<boolean>;
  /** When a job that is to be tried again is due, in epoch milliseconds; undefined for any other. */
  readonly dueTimeOf: (jobId: string) => Promise<number | undefined>;
  /** Tells on the Canary that a receiver is not set up as it should be, or was given up on. */
  readonly warn: (canary: Canary, warning: { readonly id: string; readonly message: string }) => Promise<void>;
  readonly onGivenUp: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing?: Tracing | undefined;
}

export type AlertConsumer = (job: AlertJob, token: string | undefined, signal: AbortSignal) => Promise<AlertReport>;

/** Milliseconds until a job looks again whether it is its turn, at the earliest. */
export const turnDelayMs = 1_000;
/** Bound of one delivery, reads included. */
export const deliveryTimeoutMs = 30_000;

export function createAlertConsumer(options: AlertConsumerOptions): AlertConsumer {
  const { tracing = noTracing } = options;
  return (job, token, signal) =>
    asJob(tracing, { name: 'alert', canary: canaryOf(job), job }, () => consume(options, job, { token, signal }));
}

interface Taken {
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** One attempt; the signal is the job's, which no slow receiver aborts. */
interface Attempt {
  readonly job: AlertJob;
  readonly signal: AbortSignal;
}

async function consume(options: AlertConsumerOptions, job: AlertJob, { token, signal }: Taken): Promise<AlertReport> {
  const { clock } = options;
  const turnAt = await nextTurn(options, job);
  if (turnAt !== undefined) {
    await job.moveToDelayed(turnAt, token);
    throw new DelayedError();
  }
  // It has arrived, and its worker was lost before the queue heard of it.
  if (await hasEnded(options, job)) {
    await conclude(options, job, signal);
    return reportOf(job, 'delivered');
  }
  const report = await withDeadline({ clock, ms: deliveryTimeoutMs, signal }, (bound) =>
    send(options, { job, signal }, bound),
  ).catch(async (error: unknown) => {
    throw await failed(options, { job, signal }, error);
  });
  // Not a part of the attempt: a note that is late does not make the receiver's answer another one.
  await conclude(options, job, signal);
  return report;
}

const idOf = (job: AlertJob): string => job.id ?? '';
const canaryOf = ({ data: { ns, name, uid } }: AlertJob): CanaryKey => ({ namespace: ns, name, uid });

/**
 * When to look again, in epoch milliseconds; undefined when it is its turn. Behind one that is to be tried again it waits as
 * long as that one. A lane whose head is no job any more moves on; an alert that is in no lane goes at once.
 */
async function nextTurn(options: AlertConsumerOptions, job: AlertJob): Promise<number | undefined> {
  const { lanes, isPending, dueTimeOf, clock } = options;
  const lane = laneOf(job.data);
  for (let head = await lanes.head(lane); head !== undefined; head = await lanes.head(lane)) {
    if (head === idOf(job)) return undefined;
    if (await isPending(head)) return Math.max(clock.now() + turnDelayMs, (await dueTimeOf(head)) ?? 0);
    await lanes.leave(lane, head);
  }
  return undefined;
}

async function send(options: AlertConsumerOptions, attempt: Attempt, bound: AbortSignal): Promise<AlertReport> {
  const { job } = attempt;
  const { alert, delivery: wanted } = job.data;
  const canary = await options.read(canaryOf(job), bound);
  if (canary === undefined) return reportOf(job, 'unwanted');
  const announcement: AlertAnnouncement = { kind: 'alert', ...alert };
  const delivery = options.route(canary, announcement).find(({ id }) => id === wanted);
  if (delivery === undefined) return reportOf(job, 'unwanted');
  await sendOrWarn(options, { ...attempt, canary, delivery, bound });
  return reportOf(job, 'delivered');
}

const reportOf = ({ data: { ns, name } }: AlertJob, outcome: AlertReport['outcome']): AlertReport => ({
  canary: `${ns}/${name}`,
  outcome,
});

async function hasEnded({ markers }: AlertConsumerOptions, job: AlertJob): Promise<boolean> {
  const mark = endOf(idOf(job));
  return (await markers.known([mark])).has(mark);
}

/** The outbox lets go of it, and the next one in its lane has its turn. */
async function conclude(options: AlertConsumerOptions, job: AlertJob, signal: AbortSignal): Promise<void> {
  const { markers, lanes, clock } = options;
  // Without the note it would be sent again.
  await whenThereIsRoom({ clock, signal }, () => markers.mark([endOf(idOf(job))]));
  await lanes.leave(laneOf(job.data), idOf(job));
}

const isLastAttempt = ({ attemptsMade }: AlertJob): boolean => attemptsMade + 1 >= alertAttempts;

/** Not a word of the receiver: it was not asked, or not heard. */
const isUnsent = (error: unknown): boolean =>
  error instanceof UnreadableCanary || isKubernetesError(error, 'timeout', 'throttled', 'unavailable');

/**
 * Whether it is tried no more. An alert whose last attempt did not come to its receiver is not given up: its job fails, and
 * the next step of its Canary, which owes it still, has it tried anew.
 */
const isGivenUp = ({ job, signal }: Attempt, error: unknown): error is Error =>
  error instanceof AlertSetupError ||
  (error instanceof Error && isLastAttempt(job) && !signal.aborted && !isUnsent(error));

interface Sending extends Attempt {
  readonly canary: Canary;
  readonly delivery: Delivery;
  readonly bound: AbortSignal;
}

/** The Canary hears of an alert that will not be tried again; the error names the receiver. */
async function sendOrWarn(options: AlertConsumerOptions, sending: Sending): Promise<void> {
  const { canary, delivery, bound } = sending;
  try {
    await delivery.send(bound);
  } catch (error) {
    if (isGivenUp(sending, error)) await options.warn(canary, { id: delivery.id, message: error.message });
    throw error;
  }
}

/** An alert that is given up makes way for the next one. */
async function failed(options: AlertConsumerOptions, attempt: Attempt, error: unknown): Promise<unknown> {
  const { log, onGivenUp } = options;
  const { job, signal } = attempt;
  const canary = `${job.data.ns}/${job.data.name}`;
  if (!isGivenUp(attempt, error)) {
    log.warn({ err: error, canary, attempt: job.attemptsMade + 1 }, 'alert not delivered yet');
    return error;
  }
  log.error({ err: error, canary, alert: job.data.alert.message }, 'alert not delivered; giving up');
  onGivenUp();
  await conclude(options, job, signal);
  return error instanceof AlertSetupError
    ? Object.assign(new UnrecoverableError(error.message), { cause: error })
    : error;
}
