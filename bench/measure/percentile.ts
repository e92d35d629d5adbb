/** How values are spread: the least value that so many per cent of all do not exceed. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * By the nearest rank, so that each figure is a value that was measured.
 *
 * @returns undefined for no values
 */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number): number | undefined =>
    sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  const [p50, p99, max] = [at(50), at(99), at(100)];
  return p50 === undefined || p99 === undefined || max === undefined ? undefined : { p50, p99, max };
}
