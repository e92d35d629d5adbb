/** How long the steps of a tenant waited for a worker. Pure. */
import type { Span } from '../../canary/slot.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { Inhabitant } from '../world/world.ts';
import { isRun } from './finished-jobs.ts';
import type { FinishedJob } from './finished-jobs.ts';
import { spreadOf } from './percentile.ts';
import type { Spread } from './percentile.ts';
import { punctualityOf } from './slots.ts';
import type { Punctuality } from './slots.ts';

export interface Delays {
  readonly slots: Punctuality;
  /** Milliseconds between the moment a wake was added and the start of its step. */
  readonly wakes: Spread | undefined;
}

/** @param jobs at least all jobs of the span: slots that fell due in it, and wakes that were added in it */
export function delaysOf(inhabitants: readonly Inhabitant[], jobs: readonly FinishedJob[], span: Span): Delays {
  const names = new Set(inhabitants.map((place) => nameOf(place)));
  const wakes = jobs.filter(
    (job) =>
      job.kind === 'wake' &&
      isRun(job) &&
      names.has(job.canary) &&
      job.addedAt > span.after &&
      job.addedAt <= span.until,
  );
  return {
    slots: punctualityOf(inhabitants, jobs, span),
    wakes: spreadOf(wakes.map(({ addedAt, startedAt }) => startedAt - addedAt)),
  };
}
