/** How long it takes from the change of a target until its canary's wake is in the queue. Pure. */
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { Change } from '../world/world.ts';
import type { FinishedJob } from './finished-jobs.ts';
import { spreadOf } from './percentile.ts';
import type { Spread } from './percentile.ts';

export interface WakeDelays {
  /** Milliseconds from the sending to the adding of the first wake after it. */
  readonly spread: Spread | undefined;
  /** Changes that no wake has followed. */
  readonly unwoken: number;
}

export function wakeDelays(changes: readonly Change[], jobs: readonly FinishedJob[]): WakeDelays {
  const wakes = jobs.filter(({ kind }) => kind === 'wake');
  const delays = changes.flatMap((change) => {
    const added = wakes
      .filter(({ canary, addedAt }) => canary === nameOf(change) && addedAt >= change.sentAt)
      .map(({ addedAt }) => addedAt - change.sentAt);
    return added.length === 0 ? [] : [Math.min(...added)];
  });
  return { spread: spreadOf(delays), unwoken: changes.length - delays.length };
}
