/**
 * The contract between scheduler and worker: what a job says, and under which id.
 *
 * A job only names its canary and slot; everything else is read when it runs, so a late job carries no stale facts.
 * The id is derived from the same names: whoever adds a slot twice adds one job.
 */
import type { Phase } from '../canary/canary.ts';
import type { StepOutcome } from '../canary/action.ts';

/** Which canary a job is about. */
export interface CanaryKey {
  readonly namespace: string;
  readonly name: string;
  /** At least its first eight characters: they tell a canary from an earlier one of the same name. */
  readonly uid: string;
}

/** Kept under 64 bytes for usual names and slots, until it is put back: beyond that Redis stores a job in three times the memory. */
export interface StepJobData {
  readonly ns: string;
  readonly name: string;
  /** Of a wake: what its step must have seen, as {@link Sight}. */
  readonly seen?: Sight;
  /** When a worker first came to it, where it was put back since. Epoch milliseconds. */
  readonly busyAt?: number;
}

/** The version of a kind that somebody has seen: `deployments.apps=4711`. A watch that has not come so far cannot tell why. */
export type Sight = `${string}=${string}`;

/**
 * `step`: one slot of a canary. `wake`: something changed, look at once; takes the slot that is current by then.
 * `finalize`: as a step, of a canary that is being deleted; without a slot, as a wake.
 */
export const stepJobNames = ['step', 'wake', 'finalize'] as const;
export type StepJobName = (typeof stepJobNames)[number];

export type StepJob =
  | { readonly name: 'step'; readonly canary: CanaryKey; readonly slot: number }
  | { readonly name: 'wake'; readonly canary: CanaryKey; readonly slot?: undefined }
  | { readonly name: 'finalize'; readonly canary: CanaryKey; readonly slot?: number };

const shortUidLength = 8;
/** The first eight characters of a uid, as ids of jobs hold it. */
export const shortUid = (uid: string): string => uid.slice(0, shortUidLength);

/** `shop.podinfo.1a2b3c4d`. A namespace has no dot and a short uid none either, so it can be taken apart again. */
export const keyText = ({ namespace, name, uid }: CanaryKey): string => `${namespace}.${name}.${shortUid(uid)}`;

/** The prefix letter keeps ids clear of the key names of BullMQ and of numbers, both of which it refuses or confuses. */
export const stepJobId = (canary: CanaryKey, slot: number): string => `s.${keyText(canary)}.${slot}`;

/** @param occasion a slot, or the cause of a wake */
export const finalizeJobId = (canary: CanaryKey, occasion: number | string): string =>
  `f.${keyText(canary)}.${occasion}`;

/** The id of the job of a canary's slot. */
export const slotJobId = (job: {
  readonly name: 'step' | 'finalize';
  readonly canary: CanaryKey;
  readonly slot: number;
}): string => (job.name === 'finalize' ? finalizeJobId : stepJobId)(job.canary, job.slot);

/** @param cause names the change, without dots, as `canary-7`; the same change wakes once */
export const wakeJobId = (canary: CanaryKey, cause: string): string => `w.${keyText(canary)}.${cause}`;

/** @param seen of a wake: the change that its step must not miss */
export const stepJobData = ({ namespace, name }: CanaryKey, seen?: Sight): StepJobData => ({
  ns: namespace,
  name,
  ...(seen !== undefined && { seen }),
});

const idPattern = /^(?<kind>[swf])\.(?<namespace>[^.]+)\.(?<name>.+)\.(?<uid>[^.]+)\.(?<last>[^.]+)$/;

/**
 * Reads a job back from its id.
 *
 * @throws Error when the id is none of ours
 */
export function parseStepJobId(id: string): StepJob {
  const { kind, namespace = '', name = '', uid = '', last = '' } = idPattern.exec(id)?.groups ?? {};
  const job = kind === undefined ? undefined : jobOf(kind, { namespace, name, uid }, last);
  if (job !== undefined) return job;
  throw new Error(
    `job id: expected 's.<namespace>.<name>.<uid>.<slot>' (w for a wake, f for a deletion), got '${id}'; ` +
      'only the scheduler of Aviary may add jobs to this queue',
  );
}

/** Whose job it is, without looking further; undefined for an id that is none of ours. */
export function namespaceOfJobId(id: string): string | undefined {
  const [kind, namespace] = id.split('.', 2);
  return kind === 's' || kind === 'w' || kind === 'f' ? namespace : undefined;
}

function jobOf(kind: string, canary: CanaryKey, occasion: string): StepJob | undefined {
  const slot = /^\d+$/.test(occasion) ? Number(occasion) : undefined;
  if (kind === 'w') return { name: 'wake', canary };
  if (kind === 'f') return { name: 'finalize', canary, ...(slot === undefined ? {} : { slot }) };
  return slot === undefined ? undefined : { name: 'step', canary, slot };
}

/** Why a job ended without a step. */
export type SkipReason =
  /** The next slot is due already. */
  | 'slotPassed'
  /** The same, but a worker came in time: until the slot was over, another step was at the canary. */
  | 'canaryBusy'
  /** The interval was edited: the slot is not one of this canary's any more. */
  | 'slotRenumbered'
  /** The canary is gone, or another one has its name by now. */
  | 'gone'
  /** The canary lies outside the namespaces that this worker serves. */
  | 'notServed';

/** What a finished job returns; the board shows it. */
export interface StepReport {
  /** `namespace/name` */
  readonly canary: string;
  readonly phase?: Phase;
  /** `conflict`: until its slot was over, somebody else moved the canary on each time, and nothing more was done. */
  readonly outcome: StepOutcome | 'skipped' | 'conflict';
  readonly reason?: SkipReason;
  /** Absent on a wake that was skipped. */
  readonly slot?: number;
}

/** Retries within a slot; the back-off ends them earlier when the slot is over. */
export const stepAttempts = 100;
/** Name of the back-off that the worker implements. */
export const slotBackoff = 'slot';
