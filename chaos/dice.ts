/** Chance that can be repeated: the same seed, the same throws. */
export interface Dice {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T;
  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): readonly T[];
}

/** @param seed a whole number; its lowest 32 bits count */
export function createDice(seed: number): Dice {
  const random = sequence(seed);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return {
    between,
    pick: (items) => {
      const [picked] = items.slice(between(0, items.length - 1));
      if (picked === undefined) throw new Error('expected something to pick from, got an empty list');
      return picked;
    },
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: random() }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  };
}

/** Numbers in [0, 1) by a generator with 32 bits of state (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
