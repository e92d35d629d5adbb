/**
 * Whether time has a say in a canary's next step. A step of a canary at rest comes to the same, whenever it is taken, as
 * long as the cluster is as it was; so whoever knows that it is need not take it.
 */
import { isSettledPhase } from './canary.ts';
import type { CanaryStatus, Run } from './canary.ts';

/** What counts from a moment on, or is carried out by a later step. */
const pending: readonly (keyof Run)[] = ['waitingSince', 'drainingSince', 'sizing', 'decision', 'owed'];

/** @param status what a step has left behind */
export const isAtRest = ({ phase, run, outbox }: CanaryStatus): boolean =>
  isSettledPhase(phase) && outbox.length === 0 && pending.every((part) => run?.[part] === undefined);
