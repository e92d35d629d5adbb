/**
 * How far intervals are stretched when the workers can't keep up. Pure: the state is a value, and time comes in.
 *
 *             less is taken than falls due, look for look           calm for as long as patience asks
 *   ratio r ────────────────────────────────────────────▶ r × need ───────────────────────────────────▶ r ÷ 1.25
 *      └── nothing changes until what was added before has fallen due ──┘         calm on: ÷ 1.56, ÷ 2.4, ÷ 4
 *
 * What counts is the balance between two looks: what waits more than before, and what was missed meanwhile, was not taken.
 * A backlog that shrinks is no overload, however long it is: that is what an outage leaves behind. And where nobody could
 * see or nobody worked, nothing is known.
 *
 * Going back is a trial, because a queue without a backlog does not tell how much more it could take. Trials that hold grow.
 * When one fails, the ratio is what the workers have shown to need, and the next trial waits twice as long. So a load that
 * stays has the ratio rest on one value, left for ever shorter parts of the time.
 */
import { fewMissed, isCalm, isLate, windowOf } from './lateness.ts';
import type { Late, Load, PaceTiming } from './lateness.ts';

/** Times in epoch milliseconds, durations in milliseconds. */
export interface Pace {
  /** Of all slots, one in so many is taken; 1 and more. */
  readonly ratio: number;
  /** The ratio has been lowered: slots that were due by then went by this one. */
  readonly earlier?: Earlier | undefined;
  /** What was changed last shows from here on. */
  readonly settlesAt: number;
  /** When somebody last looked, whatever there was to see. */
  readonly lookedAt?: number | undefined;
  /** What waited then; absent when that look began or ended in an outage, and can't be compared with. */
  readonly waited?: number | undefined;
  /** What has happened since jobs are late, or since when they are not, in an unbroken row of looks. */
  readonly late?: Late | undefined;
  readonly calmSince?: number | undefined;
  /** How long it must have been calm before the ratio is lowered. */
  readonly patienceMs: number;
  /** The trial that is under way. */
  readonly trial?: Trial | undefined;
}

export interface Earlier {
  readonly ratio: number;
  readonly until: number;
}

interface Trial {
  /** The ratio before it. */
  readonly from: number;
  /** Until when it can fail. */
  readonly endsAt: number;
  /** By what the ratio was divided. */
  readonly stride: number;
}

export const mostStretch = 16;
const leastFactor = 1.1;
const mostFactor = 3;
/** More than was missing, for the next trial is not to begin at the edge. */
const reserve = 1.1;
const leastStride = 1.25;
const mostStride = 4;
const longestPatienceMs = 8 * 60_000;
/** Part of the demand that must be left undone before that is an overload. */
const shortPart = 0.03;
/** Part of the demand by which a backlog must shrink in the long run, or it is an overload, too. */
const clearingPart = 0.05;

export const startingPace = (timing: PaceTiming): Pace => ({
  ratio: 1,
  settlesAt: 0,
  patienceMs: leastPatience(timing),
});

/** The pace from now on. Looking more often than once a tick makes nothing faster. */
export function nextPace(pace: Pace, load: Load, timing: PaceTiming): Pace {
  const { now } = load;
  const seen = observed(setBack(pace, now), load, timing);
  if (now < seen.settlesAt) return seen;
  const need = overload(seen, load, timing);
  if (need !== undefined) return stretched(seen, need, { now, timing });
  if (seen.ratio > 1 && seen.calmSince !== undefined && now - seen.calmSince >= patienceOf(seen, timing)) {
    return relaxed(seen, now, timing);
  }
  return withoutOldTrial(seen, now, timing);
}

/** The clock was corrected since the last look, or another scheduler's is ahead: what is remembered moves with it. */
function setBack(pace: Pace, now: number): Pace {
  const { lookedAt = now, settlesAt, earlier, late, calmSince, trial } = pace;
  const ms = lookedAt - now;
  if (ms <= 0) return pace;
  return {
    ...pace,
    lookedAt: now,
    settlesAt: settlesAt - ms,
    ...(earlier && { earlier: { ...earlier, until: earlier.until - ms } }),
    ...(late && { late: { ...late, since: late.since - ms } }),
    ...(calmSince && { calmSince: calmSince - ms }),
    ...(trial && { trial: { ...trial, endsAt: trial.endsAt - ms } }),
  };
}

function observed(pace: Pace, load: Load, timing: PaceTiming): Pace {
  const { now, waiting, isAttended } = load;
  const { late: _late, calmSince, waited, ...rest } = pace;
  const looked = { ...rest, lookedAt: now };
  const wasAway = pace.lookedAt === undefined || now - pace.lookedAt > awayAfter(timing);
  if (wasAway || !isAttended) return looked;
  // What lies there at the first look after an outage is its leftover: from here on it is compared.
  if (waited === undefined) return { ...looked, waited: waiting };
  const isSettling = now < pace.settlesAt;
  return {
    ...looked,
    waited: waiting,
    ...(isLate(load) && !isSettling && { late: windowOf(pace, load, longWindow(timing)) }),
    ...(isCalm(load) && { calmSince: calmSince ?? now }),
  };
}

/** How many times more falls due than is taken; undefined while that is not certain. */
function overload({ late, trial }: Pace, { now, waiting, steps }: Load, timing: PaceTiming): number | undefined {
  if (late === undefined) return undefined;
  const lasted = now - late.since;
  const demand = (steps * lasted) / timing.tickMs;
  const undone = waiting + late.missed - late.waited;
  const isShort = undone > Math.max(fewMissed, shortPart * demand) && late.growth > 0;
  const sureAfter = (trial === undefined ? 3 : 2) * timing.tickMs;
  if (lasted >= sureAfter && isShort) return demand / Math.max(1, demand - undone);
  return lasted >= longWindow(timing) && undone > -clearingPart * demand ? leastFactor : undefined;
}

interface At {
  readonly now: number;
  readonly timing: PaceTiming;
}

function stretched(pace: Pace, need: number, { now, timing }: At): Pace {
  const { ratio, trial, patienceMs, lookedAt, waited } = pace;
  const factor = Math.min(mostFactor, Math.max(leastFactor, need * reserve));
  const next = Math.min(mostStretch, ratio * factor);
  return {
    ratio: rounded(trial === undefined ? next : Math.min(trial.from, next)),
    settlesAt: now + timing.horizonMs + timing.tickMs,
    lookedAt,
    waited,
    patienceMs: trial === undefined ? patienceMs : Math.min(longestPatienceMs, 2 * patienceMs),
  };
}

function relaxed(pace: Pace, now: number, timing: PaceTiming): Pace {
  const { ratio, trial, lookedAt, waited } = pace;
  // The trial before this one has held: the load has changed, and the next may be bolder and come soon.
  const stride = trial === undefined ? leastStride : Math.min(mostStride, trial.stride ** 2);
  const patienceMs = trial === undefined ? pace.patienceMs : leastPatience(timing);
  return {
    ratio: rounded(Math.max(1, ratio / stride)),
    earlier: earlierOf(pace, now, timing),
    // What is due from now on goes by the new ratio at once.
    settlesAt: now + timing.tickMs,
    lookedAt,
    waited,
    calmSince: now,
    patienceMs,
    // It has to hold for as long as it was waited for: what is just about enough fails late.
    trial: { from: ratio, endsAt: now + timing.horizonMs + Math.max(8 * timing.tickMs, patienceMs), stride },
  };
}

/** A second trial within the time that a tick looks back: what is due since the first one is in the queue already. */
function earlierOf({ ratio, earlier }: Pace, now: number, { horizonMs }: PaceTiming): Earlier {
  const isNear = earlier !== undefined && now - earlier.until <= horizonMs;
  return { ratio: isNear ? Math.max(ratio, earlier.ratio) : ratio, until: now };
}

function withoutOldTrial(pace: Pace, now: number, timing: PaceTiming): Pace {
  if (pace.trial === undefined || now <= pace.trial.endsAt) return pace;
  const { trial: _held, ...rest } = pace;
  return { ...rest, patienceMs: leastPatience(timing) };
}

/** After a trial that holds it takes two looks to know that, no more. */
const patienceOf = ({ trial, patienceMs }: Pace, { tickMs }: PaceTiming): number =>
  trial === undefined ? patienceMs : 2 * tickMs;
const leastPatience = ({ tickMs }: PaceTiming): number => 3 * tickMs;
const longWindow = ({ tickMs }: PaceTiming): number => 6 * tickMs;
/** One tick may fail without anything being lost. */
const awayAfter = ({ tickMs }: PaceTiming): number => 2.5 * tickMs;

const rounded = (ratio: number): number => (ratio < 1.05 ? 1 : Math.round(ratio * 100) / 100);
