/**
 * How far intervals are stretched when the workers can't keep up. Pure: the state is a value, and time comes in.
 *
 *             late for as long as it takes to be sure                    calm for as long as patience asks
 *   ratio r ──────────────────────────────────────────▶ r × 1.25 … 2    ─────────────────────────────────▶ r ÷ 1.25
 *      └── nothing changes until what was added before has fallen due ──┘
 *
 * Going back is a trial, because a queue without a backlog does not tell how much more it could take. When the backlog is
 * there again soon after, the trial has failed: the ratio is what it was before, and the next trial waits twice as long. So a
 * load that stays has the ratio rest on one value, left for ever shorter parts of the time.
 */

/** Times in epoch milliseconds, durations in milliseconds. */
export interface Pace {
  /** Of all slots, one in so many is taken; 1 and more. */
  readonly ratio: number;
  /** What was changed last shows from here on. */
  readonly settlesAt: number;
  /** Since when jobs have been late, or have not been, in an unbroken row of looks. */
  readonly lateSince?: number | undefined;
  readonly calmSince?: number | undefined;
  /** How long it must have been calm before the ratio is lowered. */
  readonly patienceMs: number;
  /** The ratio before the trial that is under way, and until when it can fail. */
  readonly trial?: { readonly from: number; readonly endsAt: number } | undefined;
}

/** What a tick sees before it adds anything. */
export interface Load {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Jobs that are due, whose slot has not passed, and that no worker has taken. */
  readonly waiting: number;
  /** Slots that have passed since the last tick without a worker having taken their job. */
  readonly missed: number;
  /** Canaries of which a slot has fallen due since the last tick, at the present ratio. */
  readonly due: number;
}

export interface PaceTiming {
  /** Between two ticks. */
  readonly tickMs: number;
  readonly horizonMs: number;
}

export const mostStretch = 16;
const leastFactor = 1.25;
const mostFactor = 2;
/** Jobs that may always wait: with a handful of canaries one slow step is no overload. */
const fewJobs = 10;
/** Parts of what has fallen due that may wait: up to the first it is calm, from the second on late. */
const calmPart = 0.05;
const latePart = 0.1;
/** So many missed slots may be somebody's bad luck: it takes longer to be sure of them, and with few canaries they count for nothing. */
const fewMissed = 2;
const fewDue = 50;
const fewPart = 0.01;
/** Part of what has fallen due that goes astray at any load: a worker was restarted. */
const strayPart = 0.001;
const longestPatienceMs = 16 * 60_000;

export const startingPace = (timing: PaceTiming): Pace => ({
  ratio: 1,
  settlesAt: 0,
  patienceMs: leastPatience(timing),
});

/** The pace from now on; the same object when nothing has changed. Looking more often than once a tick changes nothing. */
export function nextPace(pace: Pace, load: Load, timing: PaceTiming): Pace {
  const { now } = load;
  const seen = observed(pace, load);
  if (now < seen.settlesAt) return seen;
  const sureMs = isShort(load) ? sureAfter(timing) : 3 * sureAfter(timing);
  if (seen.lateSince !== undefined && now - seen.lateSince >= sureMs) return stretched(seen, load, timing);
  if (seen.ratio > 1 && seen.calmSince !== undefined && now - seen.calmSince >= seen.patienceMs) {
    return relaxed(seen, now, timing);
  }
  return withoutOldTrial(seen, now, timing);
}

/** There is no doubt that the workers are too few. */
const isShort = ({ waiting, missed, due }: Load): boolean =>
  missed > Math.max(fewMissed, fewPart * due) || waiting > Math.max(fewJobs, latePart * due);

function observed(pace: Pace, load: Load): Pace {
  const { now, waiting, missed, due } = load;
  const hasMissed = missed > strayPart * due;
  const isLate = isShort(load) || (hasMissed && due >= fewDue);
  const isCalm = !hasMissed && waiting <= Math.max(fewJobs, calmPart * due);
  const lateSince = isLate ? (pace.lateSince ?? now) : undefined;
  const calmSince = isCalm ? (pace.calmSince ?? now) : undefined;
  if (lateSince === pace.lateSince && calmSince === pace.calmSince) return pace;
  return { ...pace, lateSince, calmSince };
}

function stretched(pace: Pace, { now, waiting, due }: Load, timing: PaceTiming): Pace {
  const hasFailed = pace.trial !== undefined && now <= pace.trial.endsAt;
  const factor = Math.min(mostFactor, Math.max(leastFactor, 1 + waiting / Math.max(1, due)));
  const ratio = hasFailed ? (pace.trial?.from ?? pace.ratio) : pace.ratio * factor;
  return {
    ratio: rounded(Math.min(mostStretch, ratio)),
    settlesAt: now + settlingMs(timing),
    patienceMs: hasFailed ? Math.min(longestPatienceMs, 2 * pace.patienceMs) : pace.patienceMs,
  };
}

function relaxed(pace: Pace, now: number, timing: PaceTiming): Pace {
  const settlesAt = now + settlingMs(timing);
  return {
    ratio: rounded(Math.max(1, pace.ratio / leastFactor)),
    settlesAt,
    // The trial before this one has held: the load has changed, and the next may come soon.
    patienceMs: pace.trial === undefined ? pace.patienceMs : leastPatience(timing),
    // It has to hold for as long as it was waited for: what is just about enough fails late.
    trial: { from: pace.ratio, endsAt: settlesAt + Math.max(4 * sureAfter(timing), pace.patienceMs) },
  };
}

function withoutOldTrial(pace: Pace, now: number, timing: PaceTiming): Pace {
  if (pace.trial === undefined || now <= pace.trial.endsAt) return pace;
  const { trial: _held, ...rest } = pace;
  return { ...rest, patienceMs: leastPatience(timing) };
}

/** One look may be unlucky. */
const sureAfter = ({ tickMs }: PaceTiming): number => 2 * tickMs;
const leastPatience = ({ tickMs }: PaceTiming): number => 3 * tickMs;
/** What was added with the old ratio has fallen due by then, and a tick has seen what became of it. */
const settlingMs = ({ tickMs, horizonMs }: PaceTiming): number => horizonMs + tickMs;

const rounded = (ratio: number): number => (ratio < 1.05 ? 1 : Math.round(ratio * 100) / 100);
