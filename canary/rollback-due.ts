/** Whether a run has failed by its checks, or is decided to be taken back: what its next step will carry out. */
import { isRunPhase } from './canary.ts';
import type { Canary } from './canary.ts';

export function isRollbackDue({ spec, status }: Pick<Canary, 'spec' | 'status'>): boolean {
  if (status.run?.decision?.kind === 'rollback') return true;
  const { threshold, checkErrorLimit } = spec.analysis;
  const isOver = status.failedChecks >= threshold || (status.run?.checkErrors ?? 0) >= checkErrorLimit;
  return isRunPhase(status.phase) && isOver;
}
