/** What the servers of the story answer, read. Pure. */
import { arrayAt, isRecord, numberAt, recordAt, stringAt } from '../../platform/json.ts';
import type { StoryEvent, Traffic } from './running-story.ts';

/** Selects the events of the example's Canary. */
export const canaryEventsSelector = 'involvedObject.kind=Canary,involvedObject.name=podinfo';

/** Event objects of the API server as the story's, oldest first. */
export const eventsOf = (items: readonly unknown[]): readonly StoryEvent[] =>
  items
    .map((event) => ({
      type: stringAt(event, 'type') ?? '',
      message: stringAt(event, 'message') ?? '',
      count: numberAt(event, 'count') ?? 1,
      at: stringAt(event, 'lastTimestamp') ?? stringAt(event, 'metadata', 'creationTimestamp') ?? '',
      order: `${stringAt(event, 'firstTimestamp') ?? ''} ${stringAt(event, 'metadata', 'resourceVersion') ?? ''}`,
    }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ order: _order, ...event }) => event);

/** What the storefront serves under `/counts`. */
export function trafficOf(counts: unknown): Traffic {
  const byRelease: Record<string, number> = {};
  for (const answer of arrayAt(counts, 'answers')) {
    const release = stringAt(answer, 'version') ?? 'unknown';
    byRelease[release] = (byRelease[release] ?? 0) + (numberAt(answer, 'count') ?? 0);
  }
  return {
    requests: numberAt(counts, 'requests') ?? 0,
    failed: numberAt(counts, 'failed') ?? 0,
    byRelease,
    failures: arrayAt(counts, 'lastFailures').map((failure) => JSON.stringify(failure)),
  };
}

/** Texts of what the receiver serves under `/messages`. */
export const messagesOf = (list: unknown): readonly string[] =>
  Array.isArray(list)
    ? list.map((message: unknown) => stringAt(arrayAt(recordAt(message, 'body'), 'attachments')[0], 'text') ?? '')
    : [];

/** The first value of an answer of Prometheus' `/api/v1/query`; undefined when there is none that is a number. */
export function valueOf(answer: unknown): number | undefined {
  const sample = arrayAt(recordAt(answer, 'data'), 'result')[0];
  const text = isRecord(sample) ? arrayAt(sample, 'value')[1] : undefined;
  const value = typeof text === 'string' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}
