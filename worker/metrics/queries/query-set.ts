import type { BuiltinMetric } from '../../../canary/verdict.ts';

/**
 * The queries that are built in for one mesh or ingress, as templates in PromQL.
 *
 * A success rate yields percent; the unit of a duration is stated, because what a rule compares is milliseconds.
 */
export interface QuerySet {
  readonly queries: Readonly<Record<BuiltinMetric, string>>;
  readonly durationUnit: 'seconds' | 'milliseconds';
  /** Errors of queries are told without `running query failed: ` in front. */
  readonly tellsErrorsBare: boolean;
}
