/** How fast something went on while it went on steadily. Pure. */
export interface Throughput {
  /** Times that were looked at. */
  readonly count: number;
  /** Seconds from the first of them to the last. */
  readonly seconds: number;
  readonly perSecond: number;
}

/** At the begin not everybody is at work yet, and at the end nobody has enough of it. */
const cutShare = 0.1;

/**
 * Of the times (epoch milliseconds) the first and the last tenth is left out.
 *
 * @throws Error for fewer than ten times, or when all of them are one moment
 */
export function throughputOf(times: readonly number[]): Throughput {
  const cut = Math.ceil(times.length * cutShare);
  const steady = times.toSorted((a, b) => a - b).slice(cut, times.length - cut);
  const [first, last] = [steady[0], steady.at(-1)];
  if (times.length < 10 || first === undefined || last === undefined || last === first) {
    throw new Error(`throughput: expected ten moments or more, and time between them, got ${times.length}`);
  }
  const seconds = (last - first) / 1_000;
  return { count: steady.length, seconds, perSecond: (steady.length - 1) / seconds };
}
