/** Which priority a step gets when workers are short: namespaces take turns, and what is urgent goes first. */
import type { Clock } from '../platform/clock.ts';

/** How many canaries of a namespace go in one turn, where it is not one; whole numbers from 1. */
export type Weights = ReadonlyMap<string, number>;

/** @param index from 0 */
export const turnOf = (namespace: string, index: number, weights: Weights): number =>
  Math.floor(index / (weights.get(namespace) ?? 1)) + 1;

/** Highest number that BullMQ takes; larger is later. */
const lastPriority = 2 ** 21 - 1;

/** Urgent steps have the first numbers for themselves; a tenant with more of them than that waits with its own. */
export const urgentPriorities = 100;

export interface Place {
  /** The turn of its namespace, from 1. */
  readonly position: number;
  readonly isUrgent?: boolean;
}

/** The priority of a job, from 1 to 2^21 - 1: a smaller one is taken first. */
export const priorityOf = ({ position, isUrgent = false }: Place): number =>
  Math.min(isUrgent && position <= urgentPriorities ? position : urgentPriorities + position, lastPriority);

/** Milliseconds within which what a namespace asks for stands behind each other. */
const turnsMs = 10_000;

export interface TurnsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly weights?: Weights | undefined;
}

export interface Turns {
  /** From 1. */
  next(namespace: string): number;
}

/** A tenant that releases everything at once takes turns with the others, as its slots do. */
export function createTurns({ clock, weights = new Map() }: TurnsOptions): Turns {
  let begunAt = Number.NEGATIVE_INFINITY;
  const counts = new Map<string, number>();
  return {
    next: (namespace) => {
      // Either way: the clock may have been put back since.
      if (Math.abs(clock.now() - begunAt) >= turnsMs) {
        counts.clear();
        begunAt = clock.now();
      }
      const count = counts.get(namespace) ?? 0;
      counts.set(namespace, count + 1);
      return turnOf(namespace, count, weights);
    },
  };
}
