/** What a step owes the queue and the other canaries once its status is saved. None of it is worth a step. */
import { isRunPhase } from '../../canary/canary.ts';
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import { isRollbackDue } from '../../canary/rollback-due.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { Expedite } from '../../queue/expedite.ts';
import type { RunPlaces } from '../runs/run-places.ts';

export interface Accounts {
  /** Puts the next step of a canary before those of others. */
  readonly expedite?: Expedite | undefined;
  /** Where the operator limits how many runs go on. */
  readonly places?: Pick<RunPlaces, 'keep' | 'leave'> | undefined;
  readonly log: Logger;
}

interface Saved {
  readonly before: Canary;
  readonly status: CanaryStatus;
  readonly slot: number;
}

/** Never rejects: what Redis refuses is logged. */
export async function settleAccounts(accounts: Accounts, saved: Saved): Promise<void> {
  await keepPlace(accounts, saved);
  await expediteRollback(accounts, saved);
}

/** A place that can't be kept runs out, and what the statuses say gives it back. */
async function keepPlace({ places, log }: Accounts, { before, status }: Saved): Promise<void> {
  if (places === undefined) return;
  try {
    const move = placeMove(before.status, status);
    if (move === 'keep') await places.keep(before, before.spec.analysis.intervalMs);
    if (move === 'leave') await places.leave(before);
  } catch (err) {
    log.warn({ err, canary: nameOf(before) }, 'place of the run neither kept nor given back');
  }
}

/** What a step means for the place of its canary, among the runs or in the line of those that wait; undefined: nothing. */
export function placeMove(before: CanaryStatus, { phase }: CanaryStatus): 'keep' | 'leave' | undefined {
  if (isRunPhase(phase)) return 'keep';
  return isRunPhase(before.phase) ? 'leave' : undefined;
}

/** What is bad leaves its users alone as soon as possible, however many steps of others wait. */
async function expediteRollback({ expedite, log }: Accounts, { before, status, slot }: Saved): Promise<void> {
  if (expedite === undefined || !isRollbackDue({ ...before, status })) return;
  try {
    await expedite(before, slot + 1);
  } catch (err) {
    log.warn({ err, canary: nameOf(before) }, 'the next step, a rollback, keeps its place in the queue');
  }
}
