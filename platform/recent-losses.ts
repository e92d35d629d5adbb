/**
 * Which names were lost lately. Of what is longer ago than it remembers, every name counts as lost: nothing is overlooked,
 * memory is bounded, and a mark needs not be given back.
 */

/** A moment between two losses. */
export type LossMark = number;

export interface RecentLosses {
  mark(): LossMark;
  lose(name: string): void;
  loseAll(): void;
  /** Whether the name was, or may have been, lost since then. */
  since(mark: LossMark, name: string): boolean;
}

/** @param limit names that are remembered, at least 1 */
export function createRecentLosses(limit: number): RecentLosses {
  const latest = new Map<string, LossMark>();
  let count = 0;
  let forgotten = 0;
  return {
    mark: () => count,
    lose: (name) => {
      count += 1;
      // Behind the others: a map keeps the order in which names came.
      latest.delete(name);
      latest.set(name, count);
      const [oldest] = latest;
      if (latest.size <= limit || oldest === undefined) return;
      latest.delete(oldest[0]);
      forgotten = oldest[1];
    },
    loseAll: () => {
      count += 1;
      latest.clear();
      forgotten = count;
    },
    since: (mark, name) => mark < forgotten || (latest.get(name) ?? 0) > mark,
  };
}
