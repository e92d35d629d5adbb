/**
 * When an alert may come twice. Slack has no key by which it tells a repetition, so it does where nobody knows any more that
 * the first one has arrived:
 *
 *   saved in the outbox ──▶ arrives ──▶ its sender notes it in Redis ──▶ a step saves an outbox without it
 *                              └─ the sender is lost ─┘└────── Redis forgets the note ──────┘
 */
import type { Fault, FaultSpan } from '../faults/fault.ts';
import type { AlertCall } from '../world/receiver.ts';
import type { History, State } from './evidence.ts';

/** Two arrivals of one text. */
export interface Doubled {
  readonly history: History;
  readonly first: AlertCall;
  readonly second: AlertCall;
}

/** Whether both are one announcement, and one of the faults accounts for the second. */
export function isAdmitted({ history, first, second }: Doubled, faults: readonly FaultSpan[]): boolean {
  const announced = announcementOf(history, first);
  if (announced === undefined || announced.id !== announcementOf(history, second)?.id) return false;
  const window = { arrivedAt: first.at, notedAt: notedAt(first.at, faults), confirmedAt: announced.confirmedAt };
  return faults.some((span) => span.from <= second.at && hasLostIt(span, window));
}

/** Longest time, in milliseconds, from the arrival of an alert until its sender has noted it, on a busy machine. */
const noteMs = 1_000;
/** A Redis that is killed loses what it had not yet written to its file: with `appendfsync everysec` so much, in milliseconds. */
const unwrittenMs = 2_000;

/** When its sender has noted an alert, at the latest: not before Redis answers again. */
function notedAt(arrivedAt: number, faults: readonly FaultSpan[]): number {
  return faults
    .filter(({ fault }) => fault.victim === 'redis')
    .toSorted((a, b) => a.from - b.from)
    .reduce(
      (at, { from, until }) => (until >= arrivedAt && from <= at ? Math.max(at, until + noteMs) : at),
      arrivedAt + noteMs,
    );
}

interface Window {
  readonly arrivedAt: number;
  readonly notedAt: number;
  readonly confirmedAt: number;
}

function hasLostIt({ fault, from, until }: FaultSpan, { arrivedAt, notedAt: noted, confirmedAt }: Window): boolean {
  if (fault.kind === 'flush') return until >= arrivedAt && from <= confirmedAt;
  if (isLossOfSender(fault)) return until >= arrivedAt && from <= Math.min(noted, confirmedAt);
  const isKilledRedis = fault.kind === 'kill' && fault.victim === 'redis';
  return isKilledRedis && from >= arrivedAt && from <= Math.min(arrivedAt + unwrittenMs, confirmedAt);
}

/** A worker that can't note what it has sent: it is dead, sleeps, or does not reach Redis. */
function isLossOfSender(fault: Fault): boolean {
  if (!fault.victim.startsWith('worker-')) return false;
  return fault.kind === 'kill' || fault.kind === 'freeze' || ('to' in fault && fault.to === 'redis');
}

interface Announced {
  readonly id: string;
  /**
   * When a status without it was saved, at the latest, in epoch milliseconds: from then on nobody sends it again, whatever
   * Redis forgets. Infinite where no such status is known.
   */
  readonly confirmedAt: number;
}

/** The last one with this text that had been saved when the alert came; undefined where there is none. */
function announcementOf({ states }: History, { at, text }: AlertCall): Announced | undefined {
  const carried = (state: State) => state.status.outbox.find((one) => one.kind === 'alert' && one.message === text);
  const begins = states.findLastIndex((state) => state.at <= at && carried(state) !== undefined);
  const state = states[begins];
  const id = state && carried(state)?.id;
  if (id === undefined) return undefined;
  const confirmed = states.slice(begins).find(({ status }) => status.outbox.every((one) => one.id !== id));
  return { id, confirmedAt: confirmed?.atLatest ?? Infinity };
}
