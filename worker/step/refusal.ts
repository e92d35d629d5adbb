/** What becomes of a Canary that may not run: it is told why, and nothing else is touched. Pure. */
import type { Announcement, CanaryStatus, Condition } from '../../canary/canary.ts';
import { checksumOf } from '../../canary/checksum.ts';
import type { CanaryIdentity } from '../../canary/parse.ts';
import type { StepTime } from '../../canary/step.ts';
import type { Refusal } from '../../canary/validate.ts';
import { formatInstant } from '../../platform/clock.ts';
import { sha256Hex } from '../../platform/hash.ts';

export interface Refused {
  readonly status: CanaryStatus;
  readonly announcements: readonly Announcement[];
}

/** Between the errors of a condition's message. */
const separator = '; ';

/**
 * The status of a refused Canary: Stalled and not Ready, with every error in full. Phase, weights and run stay as they
 * are. An error that the last step did not report gives one Warning.
 */
export function refuse(identity: CanaryIdentity, refusals: readonly Refusal[], at: StepTime): Refused {
  const { status } = identity;
  const reason = refusals[0]?.reason ?? 'InvalidSpec';
  const message = refusals.map((refusal) => refusal.message).join(separator);
  const known = status.conditions.find(({ type }) => type === 'Stalled')?.message ?? '';
  const changes: readonly Verdict[] = [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
  ];
  return {
    status: {
      ...status,
      observedGeneration: identity.generation,
      conditions: changes.reduce((all, change) => withCondition(all, change, formatInstant(at.now)), status.conditions),
    },
    announcements: refusalWarnings(
      identity,
      refusals
        .filter((refusal) => !known.includes(refusal.message))
        .map((refusal) => `invalid canary spec: ${refusal.message}`),
      at,
    ),
  };
}

/** One Warning for each message. */
export const refusalWarnings = (
  identity: CanaryIdentity,
  messages: readonly string[],
  at: StepTime,
): readonly Announcement[] => messages.map((message) => warningOf(identity, message, `slot ${at.slot}`));

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** An unchanged condition keeps its times, so an unchanged status stays equal. */
function withCondition(all: readonly Condition[], next: Verdict, now: string): readonly Condition[] {
  const old = all.find(({ type }) => type === next.type);
  if (old === undefined) return [...all, { ...next, lastUpdateTime: now, lastTransitionTime: now }];
  if (old.status === next.status && old.reason === next.reason && old.message === next.message) return all;
  const lastTransitionTime = old.status === next.status ? old.lastTransitionTime : now;
  const updated = { ...next, lastUpdateTime: now, lastTransitionTime };
  return all.map((condition) => (condition === old ? updated : condition));
}

/** An id names the occasion too: the same error of a later spec is said again. */
function warningOf(identity: CanaryIdentity, message: string, occasion: string): Announcement {
  const { phase, trackedConfigs, lastAppliedSpec } = identity.status;
  return {
    kind: 'event',
    id: sha256Hex(JSON.stringify([identity.uid, occasion, message])).slice(0, 20),
    type: 'Warning',
    message,
    phase: phase ?? 'Initializing',
    checksum: checksumOf(trackedConfigs, lastAppliedSpec ?? ''),
  };
}

/**
 * Warnings of a spec that may run but does not mean what it says: once per generation, when it is first seen, and once per
 * run, when that begins.
 *
 * @param begun id of the run that begins with this step
 */
export function specWarnings(
  identity: CanaryIdentity,
  warnings: readonly string[],
  begun?: string,
): readonly Announcement[] {
  const { generation, status } = identity;
  const occasion = status.observedGeneration === generation ? begun && `run ${begun}` : `generation ${generation}`;
  return occasion === undefined ? [] : warnings.map((message) => warningOf(identity, message, occasion));
}
