import { z } from 'zod';
import type { Environment } from '../platform/config.ts';
import { loadConfig } from '../platform/config.ts';
import { duration, integer, oneOf, text } from '../platform/config-values.ts';
import type { LogLevel } from '../platform/observability/logger.ts';
import { logLevels } from '../platform/observability/logger.ts';
import type { RedisAddress } from '../platform/redis/address.ts';
import { redisAddressOf, redisFields, redisSecrets } from '../platform/redis/settings.ts';

/** Where gates are kept, and claims on commands. */
export type Store =
  | { readonly kind: 'redis'; readonly address: RedisAddress; readonly prefix: string }
  /** Lost at every restart and unknown to other replicas. */
  | { readonly kind: 'memory' };

export interface Settings {
  readonly port: number;
  /** A command that runs for longer is killed, ms. */
  readonly commandTimeoutMs: number;
  /** Commands that run at once in this process; the others wait. */
  readonly maxConcurrentCommands: number;
  /** Namespaces whose payloads are served; absent: all. Not anchored. */
  readonly namespacePattern: RegExp | undefined;
  readonly store: Store;
  readonly logLevel: LogLevel;
}

const redisUrlExpected =
  'a URL that begins with redis:// or rediss://, or GATES=memory for gates that no restart survives';

const isRedisUrl = (value: string): boolean => /^rediss?:\/\//.test(value) && URL.canParse(value);

const redisUrl = text(redisUrlExpected).refine(isRedisUrl, { error: redisUrlExpected });

const pattern = text('a regular expression of JavaScript').transform((source, context) => {
  try {
    return new RegExp(source);
  } catch {
    context.addIssue({ code: 'custom', message: 'a regular expression of JavaScript' });
    return z.NEVER;
  }
});

const fields = {
  PORT: integer({ min: 1, max: 65_535 }).default(8080).describe('the port to listen on'),
  COMMAND_TIMEOUT: duration({ min: 1_000, max: 86_400_000 }).default(3_600_000).describe('bound of one command'),
  MAX_CONCURRENT_COMMANDS: integer({ min: 1, max: 10_000 }).default(100).describe('commands that run at once'),
  NAMESPACE_REGEXP: pattern.optional().describe('namespaces served'),
  GATES: oneOf(['redis', 'memory']).default('redis').describe('where gates are kept'),
  REDIS_PREFIX: text('a prefix of keys').default('{aviary}').describe('before every key in Redis'),
  LOG_LEVEL: oneOf(logLevels).default('debug').describe('least level that is logged'),
};

const withRedis = z.object({ ...fields, ...redisFields, REDIS_URL: redisUrl.describe('the store of gates') });
const withoutRedis = z.object(fields);

/**
 * Reads the environment. Gates are kept in Redis, so without REDIS_URL the load tester refuses to start, unless
 * GATES=memory says that losing them is meant; REDIS_URL is not looked at then. Throws ConfigError with all problems.
 */
export function loadSettings(env: Environment): Settings {
  if (env['GATES']?.trim() === 'memory') {
    return settingsOf(loadConfig({ schema: withoutRedis, env }), { kind: 'memory' });
  }
  const values = loadConfig({ schema: withRedis, env, secrets: [...redisSecrets] });
  return settingsOf(values, {
    kind: 'redis',
    address: redisAddressOf(values),
    prefix: `${values.REDIS_PREFIX}:loadtester`,
  });
}

function settingsOf(values: z.output<typeof withoutRedis>, store: Store): Settings {
  return {
    port: values.PORT,
    commandTimeoutMs: values.COMMAND_TIMEOUT,
    maxConcurrentCommands: values.MAX_CONCURRENT_COMMANDS,
    namespacePattern: values.NAMESPACE_REGEXP,
    store,
    logLevel: values.LOG_LEVEL,
  };
}

const hidden: ReadonlySet<string> = new Set(Object.keys(redisFields));

/**
 * What commands see of the environment: all but how the store is reached, which holds passwords. (A command runs as the
 * same user and can still read it from /proc; payloads must come from senders who are trusted with a shell.)
 */
export function commandEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.has(name)));
}
