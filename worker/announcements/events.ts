/**
 * Writes Kubernetes Events on Canaries. Specification of events and alerts, section 1.
 *
 * A text that repeats raises the count of its Event; an announcement that repeats, because a worker died between
 * writing the Event and noting that, raises nothing.
 */
import type { Announcement, Canary } from '../../canary/canary.ts';
import type { Clock } from '../../platform/clock.ts';
import { formatInstant } from '../../platform/clock.ts';
import { sha256Hex } from '../../platform/hash.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, canaries, events } from '../../platform/kubernetes/resources.ts';

/** Ids of the announcements that an Event has counted last, oldest first, separated by commas. */
export const announcementsAnnotation = 'aviary.dev/announcements';

/** As many as one status can owe of the same text, and more. */
const rememberedAnnouncements = 8;

/** Of an Event's message; the API server refuses longer ones where it validates strictly. */
const longestMessageBytes = 1024;

/** Somebody else wrote the same Event in between: look again, so often. */
const attempts = 4;

export type EventAnnouncement = Pick<Extract<Announcement, { kind: 'event' }>, 'id' | 'type' | 'message'>;

export interface EventRecorderOptions {
  readonly client: Pick<KubernetesClient, 'create' | 'get' | 'mergePatch'>;
  readonly clock: Clock;
  /** Name of this process, for `reportingInstance`. */
  readonly instance: string;
}

/** Which Canary an event is about: known even of one whose spec can't be read. */
export type EventSubject = Pick<Canary, 'name' | 'namespace' | 'uid'>;

export interface EventRecorder {
  /** @throws KubernetesError; recording the same announcement again is safe */
  record(canary: EventSubject, announcement: EventAnnouncement, signal?: AbortSignal): Promise<void>;
}

/** What is known of an Event without reading it again. */
interface Counted {
  readonly resourceVersion: string;
  readonly count: number;
  readonly announcements: readonly string[];
}

/** Remembers the Events it wrote last, so that a repeated text costs one request. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const known = createMemory<Counted>(2000);
  return {
    record: async (canary, announcement, signal) => {
      const recording = { canary, announcement, signal, name: eventName(canary, announcement) };
      const key = `${canary.namespace}/${recording.name}`;
      for (let attempt = 1; ; attempt += 1) {
        const found = known.take(key);
        try {
          const counted = await (found === undefined
            ? createOrRaise(options, recording)
            : raise(options, recording, found));
          known.keep(key, counted);
          return;
        } catch (error) {
          if (attempt === attempts || !isKubernetesError(error, 'conflict', 'notFound')) throw error;
        }
      }
    },
  };
}

interface Recording {
  readonly canary: EventSubject;
  readonly announcement: EventAnnouncement;
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

async function createOrRaise(options: EventRecorderOptions, recording: Recording): Promise<Counted> {
  const { canary, name, signal } = recording;
  try {
    return countedOf(await options.client.create(events, eventOf(options, recording), { signal }));
  } catch (error) {
    if (!isKubernetesError(error, 'alreadyExists')) throw error;
    const found = await options.client.get(events, { namespace: canary.namespace, name }, { signal });
    return raise(options, recording, countedOf(found));
  }
}

async function raise({ client, clock }: EventRecorderOptions, recording: Recording, found: Counted): Promise<Counted> {
  const { canary, announcement, name, signal } = recording;
  if (found.announcements.includes(announcement.id)) return found;
  const announcements = [...found.announcements, announcement.id].slice(-rememberedAnnouncements);
  const patch = {
    count: found.count + 1,
    lastTimestamp: formatInstant(clock.now()),
    metadata: { annotations: { [announcementsAnnotation]: announcements.join(',') } },
  };
  const { resourceVersion } = found;
  const object = { namespace: canary.namespace, name };
  return countedOf(await client.mergePatch(events, object, { patch, resourceVersion, signal }));
}

/** One Event for each text of a Canary. */
function eventName(canary: EventSubject, { type, message }: EventAnnouncement): string {
  const subject = canary.name.slice(0, 220).replace(/[^a-z0-9]+$/, '');
  return `${subject}.${sha256Hex(JSON.stringify([canary.uid, type, message])).slice(0, 16)}`;
}

function eventOf({ clock, instance }: EventRecorderOptions, recording: Recording): KubernetesObject {
  const { canary, announcement, name } = recording;
  const { namespace } = canary;
  const now = formatInstant(clock.now());
  return {
    apiVersion: apiVersionOf(events),
    kind: events.kind,
    metadata: { name, namespace, annotations: { [announcementsAnnotation]: announcement.id } },
    involvedObject: {
      apiVersion: apiVersionOf(canaries),
      kind: canaries.kind,
      name: canary.name,
      namespace,
      uid: canary.uid,
    },
    type: announcement.type,
    reason: 'Synced',
    message: fitting(announcement.message),
    source: { component: 'flagger' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    reportingComponent: 'flagger',
    reportingInstance: instance,
  };
}

function fitting(message: string): string {
  const bytes = Buffer.from(message, 'utf8');
  if (bytes.length <= longestMessageBytes) return message;
  const kept = bytes.subarray(0, longestMessageBytes - 4).toString('utf8');
  return `${kept.replace(/\uFFFD$/, '')}…`;
}

const countedOf = (event: KubernetesObject): Counted => ({
  resourceVersion: event.metadata.resourceVersion ?? '',
  count: numberAt(event, 'count') ?? 1,
  announcements: (stringAt(event, 'metadata', 'annotations', announcementsAnnotation) ?? '').split(','),
});

/** The last values kept, up to a number of keys. A value taken is gone until it is kept again. */
function createMemory<T>(size: number) {
  const values = new Map<string, T>();
  return {
    take: (key: string): T | undefined => {
      const value = values.get(key);
      values.delete(key);
      return value;
    },
    keep: (key: string, value: T): void => {
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > size && oldest !== undefined) values.delete(oldest);
    },
  };
}
