/** When a run has failed by its checks, and whether its next step will take it back. */
import { isRunPhase } from './canary.ts';
import type { Canary, RollbackCause } from './canary.ts';
import type { Analysis } from './spec.ts';

interface Counts {
  readonly failedChecks: number;
  /** Checks in a row that could not be made. */
  readonly checkErrors: number;
}

type Limits = Pick<Analysis, 'threshold' | 'checkErrorLimit'>;

/** How much may go wrong: in the release, and in looking at it. */
export function limitsOf(threshold: number, checkErrorLimit: number | undefined): Limits {
  const most = threshold <= 0 ? 1 : threshold;
  return { threshold: most, checkErrorLimit: checkErrorLimit ?? most };
}

/** The limit that was reached: what the checks said comes before that they could not be made. */
export function exceededLimit(
  { failedChecks, checkErrors }: Counts,
  { threshold, checkErrorLimit }: Limits,
): Extract<RollbackCause, 'FailedChecks' | 'CheckErrors'> | undefined {
  if (failedChecks >= threshold) return 'FailedChecks';
  return checkErrors >= checkErrorLimit ? 'CheckErrors' : undefined;
}

/** Whether it is decided, or due by the counts, that the run is taken back. */
export function isRollbackDue({ spec, status }: Pick<Canary, 'spec' | 'status'>): boolean {
  if (status.run?.decision?.kind === 'rollback') return true;
  const counts = { failedChecks: status.failedChecks, checkErrors: status.run?.checkErrors ?? 0 };
  return isRunPhase(status.phase) && exceededLimit(counts, spec.analysis) !== undefined;
}
