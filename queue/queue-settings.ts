/** The variables that scheduler and worker must read alike; spread them into a process's schema. */
import { duration, numberTable, text } from '../platform/config-values.ts';
import { redisFields } from '../platform/redis/settings.ts';
import { defaultPrefix } from './queue-names.ts';

/** Milliseconds between two ticks of a CronJob. */
export const cronTickMs = 60_000;
/** Milliseconds ahead that a CronJob's tick looks: one per minute, and half a minute for a pod that starts late. */
export const cronHorizonMs = 90_000;
const longestHorizonMs = 3_600_000;

export const queueFields = {
  ...redisFields,
  REDIS_PREFIX: text('a prefix of keys').default(defaultPrefix).describe('before every key in Redis'),
  REDIS_WAIT: duration({ min: 0, max: 3_600_000 })
    .default(60_000)
    .describe('how long to wait for Redis, at the start and while draining, before giving up'),
  NAMESPACE_WEIGHTS: numberTable({ min: 1, max: 100 })
    .default(new Map())
    .describe('how many turns single namespaces have while the others have one'),
  HORIZON: duration({ min: 1_000, max: longestHorizonMs })
    .optional()
    .describe('how far ahead the scheduler adds steps; workers keep finished jobs for twice as long'),
};
