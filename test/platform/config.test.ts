import test from 'ava';
import { z } from 'zod';
import {
  boolean,
  commaList,
  duration,
  durationList,
  durationMs,
  integer,
  oneOf,
  text,
  url,
} from '../../platform/config-values.ts';
import { ConfigError, loadConfig } from '../../platform/config.ts';

const schema = z.object({
  REDIS_URL: url('redis', 'rediss').describe('the queue'),
  CONCURRENCY: integer({ min: 1, max: 200 }).default(50),
  INTERVAL: duration({ min: 1000 }).default(10_000),
  NAMESPACES: commaList().optional(),
  LOG_LEVEL: oneOf(['info', 'debug']).default('info'),
  VERBOSE: boolean().default(false),
  NAME: text('the name of this process').default('aviary'),
  BACKOFF: durationList().default([1000]),
});

test('a whole environment is read, and what is missing or empty takes its default', (t) => {
  t.deepEqual(loadConfig({ schema, env: { REDIS_URL: ' redis://r ', CONCURRENCY: '', UNRELATED: 'x' } }), {
    REDIS_URL: 'redis://r',
    CONCURRENCY: 50,
    INTERVAL: 10_000,
    LOG_LEVEL: 'info',
    VERBOSE: false,
    NAME: 'aviary',
    BACKOFF: [1000],
  });
  const env = {
    REDIS_URL: 'rediss://u:p@r:1/2',
    CONCURRENCY: '7',
    INTERVAL: '1m30s',
    NAMESPACES: 'a, b,,',
    LOG_LEVEL: 'debug',
    VERBOSE: 'Yes',
    BACKOFF: '1s, 1.5m',
  };
  t.like(loadConfig({ schema, env }), {
    CONCURRENCY: 7,
    INTERVAL: 90_000,
    NAMESPACES: ['a', 'b'],
    LOG_LEVEL: 'debug',
    VERBOSE: true,
    BACKOFF: [1000, 90_000],
  });
});

test('every problem is told at once: name, purpose, what was expected, what was got, and what to do', (t) => {
  const env = { CONCURRENCY: 'two', INTERVAL: '10', LOG_LEVEL: 'loud', VERBOSE: 'maybe', BACKOFF: '1s,x' };
  const error = t.throws(() => loadConfig({ schema, env }), { instanceOf: ConfigError });
  t.deepEqual(error?.message.split('\n'), [
    '6 variables are not as expected; set or correct in the environment of this process and start it again:',
    '  REDIS_URL (the queue): expected a URL that begins with redis:// or rediss://, got nothing',
    "  CONCURRENCY: expected an integer from 1 to 200, got 'two'",
    "  INTERVAL: expected a duration such as 30s or 1m30s, at least 1s, got '10'",
    "  LOG_LEVEL: expected one of info, debug, got 'loud'",
    "  VERBOSE: expected true or false, got 'maybe'",
    "  BACKOFF: expected durations between commas, such as 1s,10s,1m, got '1s,x'",
  ]);
});

test('a secret is never shown, and neither are credentials in a URL', (t) => {
  const env = { REDIS_URL: 'http://user:pa55@host/x' };
  const hidden = t.throws(() => loadConfig({ schema, env, secrets: ['REDIS_URL'] }), { instanceOf: ConfigError });
  t.is(hidden?.problems[0]?.got, '(hidden)');
  const shown = t.throws(() => loadConfig({ schema, env }), { instanceOf: ConfigError });
  t.is(shown?.problems[0]?.got, "'http://(hidden)@host/x'");
  t.is(shown?.message.split('\n')[0]?.split(';')[0], 'a variable is not as expected');
});

for (const value of ['user:pa55@host', 'redis//user:pa55@host', 'redis://user:p@/55@host', 'http://user:pa55/w@host']) {
  test(`a URL is shown without its credentials, although it is none: ${value}`, (t) => {
    const error = t.throws(() => loadConfig({ schema, env: { REDIS_URL: value } }), { instanceOf: ConfigError });
    t.regex(error?.problems[0]?.got ?? '', /^'(http:\/\/|redis:\/\/)?\(hidden\)@host'$/);
  });
}

const durations: Record<string, number | undefined> = {
  '1s': 1000,
  '1m30s': 90_000,
  '1.5h': 5_400_000,
  '250ms': 250,
  '0s': 0,
  '': undefined,
  '10': undefined,
  '1 s': undefined,
  '-1s': undefined,
  '1d': undefined,
  s: undefined,
};
for (const [written, expected] of Object.entries(durations)) {
  test(`the duration '${written}' is ${expected ?? 'none'}`, (t) => t.is(durationMs(written), expected));
}

const refused: [string, z.ZodType, string][] = [
  ['1.5', integer(), 'an integer'],
  ['9007199254740993', integer(), 'an integer'],
  ['0', integer({ min: 1 }), 'an integer, at least 1'],
  ['11', integer({ max: 10 }), 'an integer, at most 10'],
  ['500ms', duration({ min: 1000 }), 'a duration such as 30s or 1m30s, at least 1s'],
  ['2h', duration({ min: 0, max: 3_600_000 }), 'a duration such as 30s or 1m30s from 0s to 1h'],
  ['1h', duration({ min: 250, max: 90_000 }), 'a duration such as 30s or 1m30s from 250ms to 90s'],
  ['host:6379', url('redis'), 'a URL that begins with redis://'],
];
for (const [value, field, expected] of refused) {
  test(`'${value}' is refused with the words: expected ${expected}`, (t) => {
    t.is(field.safeParse(value).error?.issues[0]?.message, expected);
  });
}
