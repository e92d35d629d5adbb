/** The scheduler's settings, read from the environment once, at the start. */
import { z } from 'zod';
import { clusterAccessOf, clusterFields, clusterRateOf } from '../platform/kubernetes/cluster-settings.ts';
import type { ClusterRate } from '../platform/kubernetes/cluster-settings.ts';
import { checkTogether, ConfigError, loadConfig } from '../platform/config.ts';
import type { Environment } from '../platform/config.ts';
import { boolean, commaList, duration, integer, oneOf, shownDuration } from '../platform/config-values.ts';
import type { ClusterAccess } from '../platform/kubernetes/access.ts';
import { logLevels } from '../platform/observability/logger.ts';
import type { LogLevel } from '../platform/observability/logger.ts';
import type { RedisAddress } from '../platform/redis/address.ts';
import { redisAddressOf, redisSecrets } from '../platform/redis/settings.ts';
import { tracingFields, tracingOf } from '../platform/observability/tracing-settings.ts';
import type { TracingSettings } from '../platform/observability/tracing-settings.ts';
import { cronHorizonMs, cronTickMs, queueFields } from '../queue/queue-settings.ts';
import type { Weights } from '../queue/turns.ts';

/** All durations in milliseconds. */
export interface SchedulerConfig {
  readonly cluster: ClusterAccess;
  readonly clusterRate: ClusterRate;
  readonly redis: RedisAddress;
  readonly redisPrefix: string;
  readonly redisWaitMs: number;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Canaries that a namespace has in one turn, where it is not one. */
  readonly weights: Weights;
  /** Between two ticks; of a CronJob, what it is meant to be. */
  readonly tickIntervalMs: number;
  readonly horizonMs: number;
  /** Whether a changed ConfigMap or Secret wakes the canaries whose targets read it. */
  readonly trackConfigs: boolean;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly tracing: TracingSettings;
}

const schema = z.object({
  ...clusterFields,
  ...queueFields,
  ...tracingFields,
  NAMESPACE: commaList('names of namespaces between commas').default([]).describe('which namespaces to serve'),
  TICK_INTERVAL: duration({ min: 1_000, max: 3_600_000 })
    .default(10_000)
    .describe('time between two ticks of a scheduler that keeps running'),
  ENABLE_CONFIG_TRACKING: boolean()
    .default(true)
    .describe('whether a changed ConfigMap or Secret wakes the canaries whose targets read it'),
  PORT: integer({ min: 0, max: 65_535 }).default(8080).describe('port of health checks and metrics'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('least level that is logged'),
});

/** How the process runs: `once` for one tick of a CronJob, or until it is told to stop. */
export interface SchedulerMode {
  readonly once: boolean;
}

/** A scheduler that stays looks two and a half ticks ahead: one may fail, and an edited interval is not long behind. */
const ticksAhead = 2.5;

/** Throws ConfigError with every problem found. */
export function loadSchedulerConfig(env: Environment, { once }: SchedulerMode): SchedulerConfig {
  const values = loadConfig({ schema, env, secrets: [...redisSecrets] });
  const horizonMs = values.HORIZON ?? (once ? cronHorizonMs : Math.round(values.TICK_INTERVAL * ticksAhead));
  const tickIntervalMs = once ? cronTickMs : values.TICK_INTERVAL;
  checkTogether(
    () => clusterAccessOf(values),
    () => redisAddressOf(values),
    () => checkHorizon(horizonMs, { tickIntervalMs, once }),
  );
  return {
    cluster: clusterAccessOf(values),
    clusterRate: clusterRateOf(values),
    redis: redisAddressOf(values),
    redisPrefix: values.REDIS_PREFIX,
    redisWaitMs: values.REDIS_WAIT,
    namespaces: values.NAMESPACE,
    weights: values.NAMESPACE_WEIGHTS,
    tickIntervalMs,
    horizonMs,
    trackConfigs: values.ENABLE_CONFIG_TRACKING,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    tracing: tracingOf(values),
  };
}

interface Ticking extends SchedulerMode {
  readonly tickIntervalMs: number;
}

/** A canary whose slot lies between the end of the horizon and the next tick would never be stepped. */
function checkHorizon(horizonMs: number, { tickIntervalMs, once }: Ticking): void {
  if (horizonMs > tickIntervalMs) return;
  const expected = once
    ? `more than the ${shownDuration(tickIntervalMs)} between two ticks of a CronJob, or steps between them would be missed; ` +
      'a scheduler that keeps running may have less'
    : `more than TICK_INTERVAL (${shownDuration(tickIntervalMs)}), or steps between two ticks would be late`;
  throw new ConfigError([
    { name: 'HORIZON', expected, got: `'${shownDuration(horizonMs)}'`, purpose: 'how far ahead steps are added' },
  ]);
}
