/** How long the oldest announcement has waited in an outbox: what is announced lies there until it is delivered. */
import type { Clock } from '../../platform/clock.ts';
import type { CanaryIndex } from '../reads/canary-index.ts';
import type { SentMarkers } from '../announcements/sent-markers.ts';

export interface OutboxAge {
  /** Notes what lies there now. Every worker looks, so that whoever shows the age next knows since when. */
  look(): void;
  /** What was not delivered: how many announcements, and for how long the oldest was seen to wait, in milliseconds. Rejects without Redis. */
  measure(): Promise<{ readonly announcements: number; readonly oldestMs: number }>;
}

export interface OutboxAgeOptions {
  readonly index: Pick<CanaryIndex, 'all'>;
  readonly markers: Pick<SentMarkers, 'known'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function createOutboxAge({ index, markers, clock }: OutboxAgeOptions): OutboxAge {
  let seenSince: ReadonlyMap<string, number> = new Map();
  const look = (): void => {
    const now = clock.now();
    const next = new Map<string, number>();
    for (const { outbox } of index.all()) {
      for (const id of outbox) next.set(id, seenSince.get(id) ?? now);
    }
    seenSince = next;
  };
  return {
    look,
    measure: async () => {
      // A delivered one lies there until the next step of its Canary.
      const delivered = await markers.known([...seenSince.keys()]);
      const since = [...seenSince].flatMap(([id, at]) => (delivered.has(id) ? [] : [at]));
      const oldest = since.reduce((earliest, at) => Math.min(earliest, at), Infinity);
      return { announcements: since.length, oldestMs: since.length === 0 ? 0 : Math.max(0, clock.now() - oldest) };
    },
  };
}
