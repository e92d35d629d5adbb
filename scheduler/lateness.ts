/** What a tick sees of the workers before it adds anything, and what of it is late. Pure. */

export interface Load {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Slots that are due and have not passed, and that no worker has taken. */
  readonly waiting: number;
  /** Slots that have passed since the last look without a worker that came to them. */
  readonly missed: number;
  /** Canaries of which a slot falls due within a tick, at the present ratio. */
  readonly due: number;
  /** Slots that fall due within a tick, at the present ratio. */
  readonly steps: number;
  /** Whether anybody works who could have taken what waits; without that nothing of the above tells anything. */
  readonly isAttended: boolean;
}

/** Milliseconds. */
export interface PaceTiming {
  /** Between two ticks. */
  readonly tickMs: number;
  readonly horizonMs: number;
}

/** An unbroken row of looks at which jobs were late. */
export interface Late {
  /** Epoch milliseconds of the look before the first of them. */
  readonly since: number;
  /** Jobs that waited then. */
  readonly waited: number;
  /** Slots that were missed since then. */
  readonly missed: number;
  /** What was left undone between the last two looks: below zero while a backlog is worked off. */
  readonly growth: number;
}

/** Jobs that may always wait: with a handful of canaries one slow step is no overload. */
const fewJobs = 10;
/** Parts of what falls due that may wait: up to the first it is calm, from the second on late. */
const calmPart = 0.05;
const latePart = 0.1;
/** So many missed slots may be somebody's bad luck, and with few canaries they count for nothing. */
export const fewMissed = 2;
const fewDue = 50;
/** Part of what falls due that goes astray at any load: a worker was restarted. */
const strayPart = 0.001;

const hasMissed = ({ missed, due }: Load): boolean => missed > strayPart * due;

export const isLate = (load: Load): boolean =>
  load.waiting > Math.max(fewJobs, latePart * load.due) ||
  (load.due < fewDue ? load.missed > fewMissed : hasMissed(load));

export const isCalm = (load: Load): boolean =>
  !hasMissed(load) && load.waiting <= Math.max(fewJobs, calmPart * load.due);

/** What a row of looks was like before this one. */
export interface Before {
  readonly lookedAt?: number | undefined;
  readonly waited?: number | undefined;
  readonly late?: Late | undefined;
}

/** @param longestMs after so long a row begins anew, or what has long been over would weigh on */
export function windowOf(before: Before, { now, waiting, missed }: Load, longestMs: number): Late {
  const { lookedAt = now, waited = waiting, late } = before;
  const isOld = late === undefined || lookedAt - late.since >= longestMs;
  const begun = isOld ? { since: lookedAt, waited, missed: 0 } : late;
  return { ...begun, missed: begun.missed + missed, growth: waiting + missed - waited };
}
