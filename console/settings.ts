import { z } from 'zod';
import type { Environment } from '../platform/config.ts';
import { loadConfig } from '../platform/config.ts';
import { integer, oneOf, text } from '../platform/config-values.ts';
import type { LogLevel } from '../platform/observability/logger.ts';
import { logLevels } from '../platform/observability/logger.ts';
import type { RedisAddress } from '../platform/redis/address.ts';
import { redisAddressOf, redisFields, redisSecrets } from '../platform/redis/settings.ts';
import { defaultPrefix } from '../queue/queue-names.ts';

export interface Settings {
  readonly port: number;
  /** Where the board is mounted, without a slash at the end. */
  readonly basePath: string;
  /** Password of the board; any user name goes with it. */
  readonly token: string;
  readonly redis: RedisAddress;
  readonly redisPrefix: string;
  readonly logLevel: LogLevel;
}

const leastTokenLength = 16;
const tokenExpected = `a secret of at least ${leastTokenLength} characters, as from 'openssl rand -hex 16'`;

const schema = z.object({
  PORT: integer({ min: 1, max: 65_535 }).default(8080).describe('the port to listen on'),
  BASE_PATH: text('a path such as /queues')
    .refine((path) => /^(\/[\w.-]+)+$/.test(path), { error: 'a path such as /queues' })
    .default('/queues')
    .describe('where the board is mounted'),
  BOARD_TOKEN: text(tokenExpected)
    .refine((token) => token.length >= leastTokenLength, { error: tokenExpected })
    .describe('password of the board'),
  ...redisFields,
  REDIS_PREFIX: text('a prefix of keys').default(defaultPrefix).describe('before every key in Redis'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('least level that is logged'),
});

/** Reads the environment; throws ConfigError with all problems. */
export function loadSettings(env: Environment): Settings {
  const values = loadConfig({ schema, env, secrets: ['BOARD_TOKEN', ...redisSecrets] });
  return {
    port: values.PORT,
    basePath: values.BASE_PATH,
    token: values.BOARD_TOKEN,
    redis: redisAddressOf(values),
    redisPrefix: values.REDIS_PREFIX,
    logLevel: values.LOG_LEVEL,
  };
}
