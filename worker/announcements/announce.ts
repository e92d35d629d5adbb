/** Delivers what follows from a saved status: events, alerts, counters. Delivering one twice is harmless. */
import type { Announcement, Canary } from '../../canary/canary.ts';
import type { Clock } from '../../platform/clock.ts';
import { DeadlineError, withDeadline } from '../../platform/deadline.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { Examined } from '../step/examine.ts';
import type { SentMarkers } from './sent-markers.ts';

export type EventAnnouncement = Extract<Announcement, { kind: 'event' }>;
export type AlertAnnouncement = Extract<Announcement, { kind: 'alert' }>;
export type CountAnnouncement = Extract<Announcement, { kind: 'count' }>;

/** Delivers what was announced about a Canary; resolves to what could not be delivered. */
export type Deliver = (
  about: Examined,
  announcements: readonly Announcement[],
  signal: AbortSignal,
) => Promise<readonly Announcement[]>;

export interface AnnouncerOptions {
  readonly markers: SentMarkers;
  /** Writes a Kubernetes event and tells event webhooks. Deterministic names: a repetition changes nothing. */
  readonly event: (about: Examined, event: EventAnnouncement, signal: AbortSignal) => Promise<void>;
  /**
   * Sees to it that an alert is on its way.
   *
   * @returns whether nothing is left to be done: each receiver has it, does not want it any more or was given up on
   */
  readonly alert: (canary: Canary, alert: AlertAnnouncement) => Promise<boolean>;
  readonly count: (canary: Canary, count: CountAnnouncement) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a step waits for Redis before it does without the markers. */
const patienceMs = 2_000;

/** In a row, after which whoever refuses is asked no more: without rights or quota each of a full outbox would be refused. */
const mostRefusals = 3;

export function createAnnouncer(options: AnnouncerOptions): Deliver {
  return async (about, announcements, signal) => {
    if (announcements.length === 0) return [];
    const known = await knownIds(options, announcements);
    const delivered: string[] = [];
    const owed: Announcement[] = [];
    // One wait is enough, be it for Redis or for an API server that takes no events: the step has more to do.
    const refusals = { events: 0, others: known === undefined ? mostRefusals : 0 };
    for (const announcement of announcements.filter(({ id }) => known?.has(id) !== true)) {
      const receiver = announcement.kind === 'event' ? 'events' : 'others';
      const isAsked = refusals[receiver] < mostRefusals;
      const end = isAsked ? await tryToDeliver(options, { about, announcement, signal }) : 'away';
      if (end === 'delivered') delivered.push(announcement.id);
      else owed.push(announcement);
      refusals[receiver] = refusalsAfter(end, refusals[receiver]);
    }
    if (known !== undefined) await remember(options, delivered);
    return owed;
  };
}

interface Delivery {
  readonly about: Examined;
  readonly announcement: Announcement;
  readonly signal: AbortSignal;
}

/** `owed`: it is on its way. `away`: whoever should have taken it takes no other one now either. */
type End = 'delivered' | 'owed' | 'refused' | 'away';

function refusalsAfter(end: End, before: number): number {
  if (end === 'away') return mostRefusals;
  return end === 'refused' ? before + 1 : 0;
}

async function tryToDeliver(options: AnnouncerOptions, delivery: Delivery): Promise<End> {
  const { about, announcement, signal } = delivery;
  try {
    return (await deliver(options, delivery)) ? 'delivered' : 'owed';
  } catch (error) {
    signal.throwIfAborted();
    const { kind, id } = announcement;
    // Not its message, which may name a receiver: a log shows of an address the origin at most.
    options.log.warn({ err: error, canary: nameOf(about), kind, id }, 'not announced; the next step tries again');
    return isAbsence(error) ? 'away' : 'refused';
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof DeadlineError || isKubernetesError(error, 'timeout', 'throttled', 'unavailable');

/**
 * Alerts and counters are only ever announced of a Canary that could be parsed. An alert that is still on its way is owed,
 * for its queue may be emptied.
 */
async function deliver(options: AnnouncerOptions, { about, announcement, signal }: Delivery): Promise<boolean> {
  if (announcement.kind === 'event') {
    await options.event(about, announcement, signal);
    return true;
  }
  if (about.kind === 'refused') throw new Error('the Canary cannot be parsed at the moment');
  if (announcement.kind === 'alert') return patient(options, () => options.alert(about.canary, announcement));
  if (await patient(options, () => options.markers.claim(announcement.id))) options.count(about.canary, announcement);
  return true;
}

const patient = <T>({ clock }: AnnouncerOptions, work: () => Promise<T>): Promise<T> =>
  withDeadline({ clock, ms: patienceMs }, work);

/** Undefined when Redis does not answer. */
async function knownIds(
  options: AnnouncerOptions,
  announcements: readonly Announcement[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await patient(options, () => options.markers.known(announcements.map(({ id }) => id)));
  } catch (error) {
    options.log.warn({ err: error }, 'markers of announcements not read: what needs Redis waits for the next step');
    return undefined;
  }
}

async function remember(options: AnnouncerOptions, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    await patient(options, () => options.markers.mark(ids));
  } catch (error) {
    options.log.warn({ err: error }, 'markers of announcements not written');
  }
}

function nameOf(about: Examined): string {
  const { namespace, name } = about.kind === 'accepted' ? about.canary : about.identity;
  return `${namespace}/${name}`;
}
