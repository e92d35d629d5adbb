/** What a run remembers beside its numbers, so that a thing is said once or a question is not forgotten: keys in `run.said`. */
import { changeRun, runOf } from './step.ts';
import type { Step } from './step.ts';

/** The run began while the primary was not ready: it may be what makes it ready, so it does not wait for it. */
export const withoutPrimary = 'began without a ready primary';

/** The canary had traffic before its revision was ever checked: the pre-rollout hooks are still to be asked. */
export const preRolloutOwed = 'pre-rollout hooks are owed';

/** The traffic gate was shut at the last step: its alert has been sent. */
export const waitingForTraffic = 'waiting for traffic';

/** Blue/Green: promotion was approved, and all traffic has gone to the canary. */
export const allRouted = 'all traffic was routed to the canary';

/** Values have been waited for longer than the deadline. */
export const noValuesTooLong = 'no values for too long';

/** A primary past its deadline has been reported. */
export const deadlineTold = 'deadline';

export const isNoted = (step: Step, key: string): boolean => runOf(step).said.includes(key);

export const noted = (step: Step, key: string): Step =>
  isNoted(step, key) ? step : changeRun(step, { said: [...runOf(step).said, key] });

/** Without the notes that begin with the prefix. */
export function forgotten(step: Step, prefix: string): Step {
  const { said } = runOf(step);
  const kept = said.filter((key) => !key.startsWith(prefix));
  return kept.length === said.length ? step : changeRun(step, { said: kept });
}
