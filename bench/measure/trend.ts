/** Whether something grows over time. Pure. */
export type Point = readonly [seconds: number, value: number];

export interface Trend {
  /** Median of the first quarter of the time, and of the last. */
  readonly first: number;
  readonly last: number;
  /** Slope of the line with the least squares, per hour. */
  readonly perHour: number;
  readonly verdict: 'flat' | 'growing';
}

/** A larger growth than both, over the whole time, is one. */
export interface Tolerance {
  /** Of the first quarter's median. */
  readonly share: number;
  /** In the unit of the values. */
  readonly least: number;
}

const secondsPerHour = 3_600;

/**
 * Growing is what both say: the line, and the last quarter beside the first. The one sees through what goes up and down, the
 * other through a single leap of a garbage collector.
 *
 * @param points by ascending time
 * @returns undefined for fewer than eight points: two in a quarter
 */
export function trendOf(points: readonly Point[], { share, least }: Tolerance): Trend | undefined {
  if (points.length < 8) return undefined;
  const quarter = Math.floor(points.length / 4);
  const first = medianOf(points.slice(0, quarter));
  const last = medianOf(points.slice(-quarter));
  const slope = slopeOf(points);
  const span = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  const allowed = Math.max(least, share * first);
  const isGrowing = last - first > allowed && slope * span > allowed;
  return { first, last, perHour: slope * secondsPerHour, verdict: isGrowing ? 'growing' : 'flat' };
}

function medianOf(points: readonly Point[]): number {
  const sorted = points.map(([, value]) => value).toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Per second; 0 when all points are of one moment. */
function slopeOf(points: readonly Point[]): number {
  const meanOf = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const time = meanOf(([seconds]) => seconds);
  const value = meanOf(([, one]) => one);
  const spread = meanOf(([seconds]) => (seconds - time) ** 2);
  return spread === 0 ? 0 : meanOf(([seconds, one]) => (seconds - time) * (one - value)) / spread;
}
