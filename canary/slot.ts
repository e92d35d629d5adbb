/**
 * Slots: the numbered intervals of a canary, in each of which one step is due.
 *
 * Slot n is due at `n · interval + offset`, and the offset is a hash of the canary's uid. So the steps of many
 * canaries are spread over the interval, every process arrives at the same numbers without asking another one,
 * and a restart neither repeats a slot nor causes a burst.
 */
import { createHash } from 'node:crypto';

/** What numbers the slots of a canary. A changed interval renumbers them. */
export interface Rhythm {
  readonly uid: string;
  /** Whole milliseconds, at least 1. */
  readonly intervalMs: number;
}

/** Six bytes are as many as a JavaScript number holds exactly, and leave no visible bias for any sensible interval. */
const hashBytes = 6;

/** A tick asks several times for each of thousands of canaries, and the hash is what costs. */
const hashes = new WeakMap<Rhythm, number>();

/** A whole number below 2^48, evenly spread over the canaries. */
function hashOf(rhythm: Rhythm): number {
  const known = hashes.get(rhythm);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(rhythm.uid).digest().readUIntBE(0, hashBytes);
  hashes.set(rhythm, hash);
  return hash;
}

/** Milliseconds from the start of an interval to the moment at which the canary's step is due, below the interval. */
export const offsetOf = (rhythm: Rhythm): number => hashOf(rhythm) % rhythm.intervalMs;

/**
 * Whether a slot is taken while intervals are stretched: one in `ratio` slots of each canary is, other ones of each, and two
 * taken ones are never further apart than `ratio` rounded up. A ratio of 2.5 takes slots 2 and 3 apart by turns.
 *
 * @param ratio at least 1, which takes all
 */
export function isTaken(rhythm: Rhythm, slot: number, ratio: number): boolean {
  if (ratio <= 1) return true;
  const shift = (hashOf(rhythm) / 2 ** (8 * hashBytes)) * ratio;
  return Math.floor((slot + shift) / ratio) !== Math.floor((slot - 1 + shift) / ratio);
}

/** A number below 2^32 that puts canaries in an order, another one in each slot. Same canary, same slot: same number. */
export function shuffleRank(rhythm: Rhythm, slot: number): number {
  let mixed = (hashOf(rhythm) ^ Math.imul(slot, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Epoch milliseconds at which a slot is due. */
export const dueAt = (rhythm: Rhythm, slot: number): number => slot * rhythm.intervalMs + offsetOf(rhythm);

/** The slot that is current at `now` (epoch milliseconds): the latest one that is due. */
export const slotAt = (rhythm: Rhythm, now: number): number => Math.floor((now - offsetOf(rhythm)) / rhythm.intervalMs);

/** A span of time that contains its end and not its start, so that spans in a row name every slot once. */
export interface Span {
  /** Epoch milliseconds. */
  readonly after: number;
  readonly until: number;
}

/** The slots that fall due within a span, in order. */
export function slotsWithin(rhythm: Rhythm, span: Span): readonly number[] {
  const first = slotAt(rhythm, span.after) + 1;
  const count = Math.max(0, slotAt(rhythm, span.until) - first + 1);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Where a moment lies as seen from a slot. */
export type SlotPosition =
  | { readonly kind: 'current' }
  /** Not due yet. `dueAt` in epoch milliseconds. */
  | { readonly kind: 'early'; readonly dueAt: number }
  /** The next slot is due already. */
  | { readonly kind: 'passed' };

export function positionOf(rhythm: Rhythm, slot: number, now: number): SlotPosition {
  const current = slotAt(rhythm, now);
  if (slot === current) return { kind: 'current' };
  return slot > current ? { kind: 'early', dueAt: dueAt(rhythm, slot) } : { kind: 'passed' };
}

/** No job waits so long, in milliseconds, after its slot. */
const longestWaitMs = 3_600_000;

/** Whether a slot that has passed was numbered by another interval, a longer one: its number lies far back in this one. */
export const isRenumbered = (rhythm: Rhythm, slot: number, now: number): boolean =>
  now - dueAt(rhythm, slot + 1) >= longestWaitMs;
