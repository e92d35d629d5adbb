/** How far the schedulers stretch intervals at present, as steps tell it in a condition. */
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { ratioIn } from '../../queue/pace-store.ts';
import type { PaceStore } from '../../queue/pace-store.ts';

/** As it was some seconds ago at the most; without Redis as it was known last. Never rejects. */
export type PaceReader = () => Promise<number>;

/** Milliseconds: a scheduler changes it every half minute at the most. */
const freshMs = 5_000;

export interface PaceReaderOptions {
  readonly store: Pick<PaceStore, 'read'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

export function createPaceReader({ store, clock, log }: PaceReaderOptions): PaceReader {
  let known = 1;
  let read: { readonly at: number; readonly ratio: Promise<number> } | undefined;
  const look = async (): Promise<number> => {
    try {
      known = ratioIn(await store.read());
    } catch (error) {
      log.debug({ err: error }, 'pace of the steps not read');
    }
    return known;
  };
  return () => {
    const now = clock.now();
    if (read === undefined || Math.abs(now - read.at) >= freshMs) read = { at: now, ratio: look() };
    return read.ratio;
  };
}
