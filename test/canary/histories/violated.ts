/** How a broken invariant is told: with its number in the design. */

/** @throws Error always */
export function violated(invariant: number, what: string): never {
  throw new Error(`invariant ${invariant}: ${what}`);
}

const numbered = /invariant (\d+): /;

/** The number of the invariant that an error tells of; undefined for any other error. */
export const invariantOf = (message: string): number | undefined => {
  const [, number] = numbered.exec(message) ?? [];
  return number === undefined ? undefined : Number(number);
};
