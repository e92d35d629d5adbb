/** A token bucket whose rate halves with a refusal and grows back with time. All times are epoch milliseconds. */

/** From the least rate to the full one. */
const recoveryMs = 30_000;
/** Refusals within this time are one: they answer requests that were under way together. */
const oneRefusalMs = 1_000;

export interface LaneOptions {
  /** Tokens a second. 0: it never has one. */
  readonly qps: number;
  readonly burst: number;
  /** Least part of the rate. */
  readonly least: number;
}

export interface RequestLane {
  /** Takes a token if there is one. */
  pay(now: number): boolean;
  /** Milliseconds until there is one, if nobody else takes it. */
  waitMs(now: number): number;
  /** No token until the pause is over, then half as many a second. */
  refused(now: number, pauseMs: number): void;
  /** Tokens a second. */
  rate(now: number): number;
}

interface LaneState extends LaneOptions {
  tokens: number;
  filledAt: number;
  /** The rate's part at a moment; it grows from there. */
  slowed: { readonly factor: number; readonly at: number };
  pausedUntil: number;
  sameRefusalUntil: number;
}

/** Begins with a full bucket. @param now epoch milliseconds, as in all its methods */
export function createRequestLane(options: LaneOptions, now: number): RequestLane {
  // A share may be less than one request; a bucket that never holds a whole token would let nothing through.
  const burst = Math.max(1, options.burst);
  const lane: LaneState = {
    ...options,
    burst,
    tokens: burst,
    filledAt: now,
    slowed: { factor: 1, at: now },
    pausedUntil: now,
    sameRefusalUntil: now,
  };
  return {
    rate: (at) => rateOf(lane, at),
    pay: (at) => {
      fill(lane, at);
      if (lane.tokens < 1 || at < lane.pausedUntil || lane.qps === 0) return false;
      lane.tokens -= 1;
      return true;
    },
    waitMs: (at) => {
      fill(lane, at);
      const missing = Math.max(0, 1 - lane.tokens);
      const pause = Math.max(0, lane.pausedUntil - at);
      return pause + (missing === 0 ? 0 : (missing / rateOf(lane, at)) * 1_000);
    },
    refused: (at, pauseMs) => refuse(lane, at, pauseMs),
  };
}

const factorOf = ({ slowed }: LaneState, now: number): number =>
  Math.min(1, slowed.factor + Math.max(0, now - slowed.at) / recoveryMs);

const rateOf = (lane: LaneState, now: number): number => lane.qps * factorOf(lane, now);

function fill(lane: LaneState, now: number): void {
  if (now < lane.filledAt) setBack(lane, lane.filledAt - now);
  // A pause is no rest: what it held back does not come in a burst after it.
  const ms = Math.max(0, now - Math.max(lane.filledAt, lane.pausedUntil));
  lane.tokens = Math.min(lane.burst, lane.tokens + (ms / 1_000) * rateOf(lane, now));
  lane.filledAt = now;
}

/** The machine's time was corrected: what is remembered moves with it. */
function setBack(lane: LaneState, ms: number): void {
  lane.filledAt -= ms;
  lane.pausedUntil -= ms;
  lane.sameRefusalUntil -= ms;
  lane.slowed = { ...lane.slowed, at: lane.slowed.at - ms };
}

function refuse(lane: LaneState, now: number, pauseMs: number): void {
  fill(lane, now);
  lane.pausedUntil = Math.max(lane.pausedUntil, now + pauseMs);
  if (now < lane.sameRefusalUntil) return;
  lane.sameRefusalUntil = now + Math.max(oneRefusalMs, pauseMs);
  lane.slowed = { factor: Math.max(lane.least, factorOf(lane, now) / 2), at: lane.pausedUntil };
  lane.tokens = Math.min(lane.tokens, 1);
}
