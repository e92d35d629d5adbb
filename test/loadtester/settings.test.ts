import test from 'ava';
import { commandEnvironment, loadSettings } from '../../loadtester/settings.ts';
import { ConfigError } from '../../platform/config.ts';
import { redisAddressOf } from '../../platform/redis/settings.ts';

const redis = { REDIS_URL: 'redis://:secret@redis:6379/1' };

test('the address of Redis is all that must be set', (t) => {
  t.deepEqual(loadSettings(redis), {
    port: 8080,
    commandTimeoutMs: 3_600_000,
    maxConcurrentCommands: 100,
    namespacePattern: undefined,
    store: { kind: 'redis', address: redisAddressOf({ ...redis, REDIS_SENTINELS: [] }), prefix: '{aviary}:loadtester' },
    logLevel: 'debug',
  });
});

test('every setting can be changed', (t) => {
  const settings = loadSettings({
    ...redis,
    PORT: '9090',
    COMMAND_TIMEOUT: '1m30s',
    MAX_CONCURRENT_COMMANDS: '7',
    NAMESPACE_REGEXP: '^prod-',
    REDIS_PREFIX: '{blue}',
    LOG_LEVEL: 'warning',
  });
  t.like(settings, { port: 9090, commandTimeoutMs: 90_000, maxConcurrentCommands: 7, logLevel: 'warning' });
  t.deepEqual(settings.namespacePattern, /^prod-/);
  t.like(settings.store, { prefix: '{blue}:loadtester' });
});

test('without Redis it is refused, and the message names the other way', (t) => {
  const error = t.throws(() => loadSettings({}), { instanceOf: ConfigError });
  t.regex(error.message, /REDIS_URL .*expected a URL that begins with redis:\/\/ .*or GATES=memory .*got nothing/);
});

test('GATES=memory needs no Redis and looks at none', (t) => {
  t.deepEqual(loadSettings({ GATES: 'memory' }).store, { kind: 'memory' });
  t.deepEqual(loadSettings({ GATES: 'memory', ...redis }).store, { kind: 'memory' });
});

test('all problems are reported together, and the password in a wrong address is not', (t) => {
  const error = t.throws(
    () =>
      loadSettings({
        PORT: '70000',
        COMMAND_TIMEOUT: '500ms',
        MAX_CONCURRENT_COMMANDS: '0',
        NAMESPACE_REGEXP: '(',
        GATES: 'disk',
        REDIS_URL: 'http://:secret@redis',
        LOG_LEVEL: 'loud',
      }),
    { instanceOf: ConfigError },
  );
  t.deepEqual(
    error.problems.map(({ name }) => name),
    ['PORT', 'COMMAND_TIMEOUT', 'MAX_CONCURRENT_COMMANDS', 'NAMESPACE_REGEXP', 'GATES', 'LOG_LEVEL', 'REDIS_URL'],
  );
  t.notRegex(error.message, /secret/);
  t.notRegex(t.throws(() => loadSettings({ REDIS_URL: 'redis:6379,password=secret' })).message, /secret/);
});

test('commands see the environment without the address of Redis', (t) => {
  t.deepEqual(
    commandEnvironment({
      PATH: '/bin',
      HOME: '/',
      ...redis,
      REDIS_PASSWORD_FILE: '/etc/p',
      REDIS_SENTINEL_PASSWORD: 's',
    }),
    { PATH: '/bin', HOME: '/' },
  );
});
