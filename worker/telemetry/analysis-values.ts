/**
 * The last value of each metric of each Canary, for the reference's gauge. Any worker may take a Canary's next step, so
 * the values lie in Redis; lost with it, they are there again after the next check.
 */
import type { Redis } from 'ioredis';
import type { MetricPart } from '../../canary/action.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Metric } from '../../canary/spec.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { targetText } from './canary-series.ts';
import type { TargetName } from './canary-series.ts';

export interface AnalysisValue extends TargetName {
  readonly metric: string;
  /** Percent of `request-success-rate`, seconds of `request-duration`; of any other what its query gave. */
  readonly value: number;
}

export interface AnalysisValues {
  /** Does not wait: a value that is not noted is worth no step. @param value of `request-duration` milliseconds */
  note(canary: Canary, check: { readonly metric: Metric; readonly part: MetricPart }, value: number): void;
  /** As `forget`, rejects when Redis cannot be asked. */
  all(): Promise<readonly AnalysisValue[]>;
  forget(values: readonly AnalysisValue[]): Promise<void>;
}

export interface AnalysisValuesOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: Logger;
}

export function createAnalysisValues({ redis, prefix, log }: AnalysisValuesOptions): AnalysisValues {
  const key = `${prefix}:analysis`;
  return {
    note: (canary, { metric, part }, value) => {
      const target = { namespace: canary.namespace, name: canary.spec.target.name };
      const shown = part === 'builtin' && metric.name === 'request-duration' ? value / 1_000 : value;
      redis.hset(key, checkText({ ...target, metric: metric.name }), String(shown)).catch((error: unknown) => {
        log.debug({ err: error, metric: metric.name }, 'value of a metric not noted');
      });
    },
    all: async () => Object.entries(await redis.hgetall(key)).map(([field, value]) => valueAt(field, value)),
    forget: async (values) => {
      if (values.length > 0) await redis.hdel(key, ...values.map(checkText));
    },
  };
}

/** Which metric of which target. Names of namespaces and targets have no slash; that of a metric may. */
export const checkText = (value: TargetName & Pick<AnalysisValue, 'metric'>): string =>
  `${targetText(value)}/${value.metric}`;

function valueAt(field: string, value: string): AnalysisValue {
  const [namespace = '', name = '', ...metric] = field.split('/');
  return { namespace, name, metric: metric.join('/'), value: Number(value) };
}
