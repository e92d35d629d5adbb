/**
 * Compares what a provider answered with what the Canary demands. No other file compares a metric with a bound.
 *
 * Rules: specification of metrics, section 5 (thresholds).
 */
import type { Metric } from './spec.ts';
import type { MetricPart } from './action.ts';

/** `relation` reads "value relation bound": the value is below its least or above its greatest permitted bound. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'halt'; readonly relation: '<' | '>'; readonly bound: number };

/** Names of the metrics that have queries of their own for every mesh. */
export const builtinMetrics = ['request-success-rate', 'request-duration'] as const;
export type BuiltinMetric = (typeof builtinMetrics)[number];

export const isBuiltinMetric = (name: string): name is BuiltinMetric =>
  (builtinMetrics as readonly string[]).includes(name);

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Whether `value` lets the canary go on. Bounds are inclusive; a range, even an empty one, wins over the threshold.
 *
 * @param value finite; percent for a success rate, milliseconds for a request duration
 * @throws RangeError when the value is not finite, because every comparison with NaN would let it pass
 */
export function judge(metric: Metric, part: MetricPart, value: number): Verdict {
  if (!Number.isFinite(value)) throw new RangeError(`metric '${metric.name}': expected a finite value, got ${value}`);
  const { min, max } = boundsOf(metric, part);
  const comparable = isDuration(metric, part) ? Math.trunc(value) : value;
  if (min !== undefined && comparable < min) return { kind: 'halt', relation: '<', bound: min };
  if (max !== undefined && comparable > max) return { kind: 'halt', relation: '>', bound: max };
  return { kind: 'pass' };
}

function boundsOf(metric: Metric, part: MetricPart): Bounds {
  const bounds = metric.thresholdRange ?? thresholdAsBounds(metric, part);
  return isDuration(metric, part) ? wholeMilliseconds(bounds) : bounds;
}

/** The deprecated single bound: the least permitted success rate, the greatest permitted value of everything else. */
function thresholdAsBounds(metric: Metric, part: MetricPart): Bounds {
  const threshold = metric.threshold ?? 0;
  const isSuccessRate = part === 'builtin' && metric.name === 'request-success-rate';
  return isSuccessRate ? { min: threshold } : { max: threshold };
}

const isDuration = (metric: Metric, part: MetricPart): boolean =>
  part === 'builtin' && metric.name === 'request-duration';

function wholeMilliseconds({ min, max }: Bounds): Bounds {
  return {
    ...(min === undefined ? {} : { min: Math.trunc(min) }),
    ...(max === undefined ? {} : { max: Math.trunc(max) }),
  };
}
