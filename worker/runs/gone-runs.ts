/**
 * Gives back the places of Canaries that were deleted: without a finalizer no step of theirs comes that would. Every worker
 * does, for any of them may be the only one that is there; the places that none could give back run out.
 */
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import type { CanaryIndex } from '../reads/canary-index.ts';
import type { RunPlaces } from './run-places.ts';

export interface GoneRunsOptions {
  readonly index: Pick<CanaryIndex, 'onGone'>;
  readonly places: Pick<RunPlaces, 'leave'>;
  readonly log: Logger;
}

/** From now on, of each Canary that goes. */
export function giveBackGone({ index, places, log }: GoneRunsOptions): void {
  const leave = async (canary: CanaryKey): Promise<void> => {
    try {
      await places.leave(canary);
    } catch (err) {
      log.warn({ err, canary: nameOf(canary) }, 'place of a deleted Canary not given back: it runs out');
    }
  };
  // One after the other: a namespace may go with hundreds.
  let last = Promise.resolve();
  index.onGone((canary) => {
    last = last.then(() => leave(canary));
  });
}
