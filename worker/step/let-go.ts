/**
 * The end of a Canary for which nothing can be given back: nobody can tell what its target is, or another Canary has
 * it. Its finalizer goes all the same, with a Warning that says what stays as it is.
 */
import type { Done } from '../../canary/action.ts';
import { hasFinalizer } from '../../canary/finalizer.ts';
import type { CanaryIdentity } from '../../canary/parse.ts';
import type { StepTime } from '../../canary/step.ts';
import type { Refusal } from '../../canary/validate.ts';
import { refusalWarnings } from './refusal.ts';
import type { StatusLedger } from './status-ledger.ts';

interface Leaving {
  readonly identity: CanaryIdentity;
  readonly refusals: readonly Refusal[];
  readonly at: StepTime;
}

/** @throws what keeps the status or the finalizer from being written */
export async function letGo(
  { identity, refusals, at }: Leaving,
  ledger: Pick<StatusLedger, 'record' | 'setFinalizer'>,
): Promise<Omit<Done, 'kind'>> {
  const { status } = identity;
  if (!hasFinalizer(identity)) return { status, announcements: [], outcome: 'stopped' };
  const messages = refusals.map(({ message }) => `deleted without giving anything back: ${message}`);
  await ledger.record(status, refusalWarnings(identity, messages, at));
  await ledger.setFinalizer(false);
  return { status, announcements: [], outcome: 'terminated' };
}
