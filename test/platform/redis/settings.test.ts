import test from 'ava';
import { ConfigError, loadConfig } from '../../../platform/config.ts';
import type { Environment } from '../../../platform/config.ts';
import { connectionOptions, hostPortOf } from '../../../platform/redis/address.ts';
import { redisAddressOf, redisFields, redisSecrets } from '../../../platform/redis/settings.ts';
import { z } from 'zod';

const schema = z.object(redisFields);
const addressIn = (env: Environment) => redisAddressOf(loadConfig({ schema, env, secrets: [...redisSecrets] }));

test('one URL is all that a Redis needs', (t) => {
  const options = connectionOptions(addressIn({ REDIS_URL: 'redis://av%40iary:pa%2Fss@[::1]:7000/3' }));
  t.deepEqual(options, { username: 'av@iary', password: 'pa/ss', db: 3, host: '::1', port: 7000 });
  t.deepEqual(connectionOptions(addressIn({ REDIS_URL: 'redis://redis' })), { db: 0, host: 'redis', port: 6379 });
});

for (const [variable, env] of Object.entries({
  REDIS_PASSWORD_FILE: { REDIS_URL: 'redis://redis' },
  REDIS_SENTINEL_PASSWORD_FILE: {
    REDIS_URL: 'redis://main',
    REDIS_SENTINELS: 'sentinel-0:26379',
    REDIS_SENTINEL_NAME: 'main',
  },
})) {
  test(`a password file that cannot be read is told with its variable, ${variable}`, (t) => {
    const address = addressIn({ ...env, [variable]: '/nowhere/password' });
    t.throws(() => connectionOptions(address), {
      message: new RegExp(`expected the password \\(${variable}\\) in the file '/nowhere/password', got none`),
    });
  });
}

test('rediss asks for TLS', (t) => {
  const address = addressIn({ REDIS_URL: 'rediss://redis', REDIS_SERVER_NAME: 'cache.internal' });
  t.deepEqual(connectionOptions(address).tls, { servername: 'cache.internal' });
});

const sentinels = { REDIS_SENTINELS: 'one, two:26380,[fd00::1]:26381', REDIS_SENTINEL_NAME: 'mymaster' };

test('with sentinels the URL gives user, password, database and TLS, and its host is the name of the master', (t) => {
  const env = { ...sentinels, REDIS_URL: 'rediss://aviary:secret@mymaster/2', REDIS_SENTINEL_PASSWORD: 'other' };
  const options = connectionOptions(addressIn(env));
  t.like(options, { username: 'aviary', password: 'secret', db: 2, name: 'mymaster', sentinelPassword: 'other' });
  t.deepEqual(options.sentinels, [
    { host: 'one', port: 26_379 },
    { host: 'two', port: 26_380 },
    { host: 'fd00::1', port: 26_381 },
  ]);
  t.is(options.host, undefined);
  t.deepEqual([options.tls, options.sentinelTLS, options.enableTLSForSentinelMode], [{}, {}, true]);
});

test('sentinels speak TLS as Redis does, unless told otherwise', (t) => {
  const plain = connectionOptions(addressIn({ ...sentinels, REDIS_URL: 'redis://mymaster' }));
  t.deepEqual([plain.tls, plain.sentinelTLS, plain.enableTLSForSentinelMode], [undefined, undefined, false]);
  const mixed = { ...sentinels, REDIS_URL: 'rediss://mymaster', REDIS_SENTINEL_TLS: 'false' };
  t.is(connectionOptions(addressIn(mixed)).sentinelTLS, undefined);
  const other = { ...sentinels, REDIS_URL: 'redis://mymaster', REDIS_SENTINEL_TLS: 'true' };
  t.deepEqual(connectionOptions(addressIn(other)).sentinelTLS, {});
});

const secure = { REDIS_URL: 'rediss://redis' };
const contradictions: Readonly<Record<string, readonly [Environment, RegExp]>> = {
  'a query in the URL': [{ REDIS_URL: 'redis://redis?family=6' }, /REDIS_URL: expected .*host\[:port\]/],
  'a database that is no number': [
    { REDIS_URL: 'redis://redis/queue' },
    /REDIS_URL: expected .*number of the database/,
  ],
  'a password with a stray percent': [{ REDIS_URL: 'redis://:secret%@redis' }, /REDIS_URL: expected .*percent-encoded/],
  'a password in the URL and in a file': [
    { REDIS_URL: 'redis://:secret@redis', REDIS_PASSWORD_FILE: '/p' },
    /REDIS_PASSWORD_FILE: expected a password in the file or in REDIS_URL, got both/,
  ],
  'an authority without TLS': [
    { REDIS_URL: 'redis://redis', REDIS_CA_FILE: '/ca' },
    /REDIS_CA_FILE: expected TLS.*rediss:\/\//,
  ],
  'a certificate without its key': [{ ...secure, REDIS_CERT_FILE: '/c' }, /REDIS_KEY_FILE: expected .*together/],
  'a key without its certificate': [{ ...secure, REDIS_KEY_FILE: '/k' }, /REDIS_CERT_FILE: expected .*together/],
  'a name of a master without sentinels': [
    { ...secure, REDIS_SENTINEL_NAME: 'mymaster' },
    /REDIS_SENTINELS: expected .*because REDIS_SENTINEL_NAME is set/,
  ],
  'sentinels without the name of the master': [
    { ...secure, REDIS_SENTINELS: 'one' },
    /REDIS_SENTINEL_NAME: expected the name of a master/,
  ],
  'sentinels and another address': [
    { ...sentinels, REDIS_URL: 'redis://:secret@aviary-redis.aviary-system:6379' },
    /REDIS_URL: expected redis:\/\/.*@\]mymaster.*got the address 'aviary-redis.aviary-system:6379'/,
  ],
  'sentinels that are no addresses': [
    { ...sentinels, REDIS_SENTINELS: 'redis://one:26379', REDIS_URL: 'redis://mymaster' },
    /REDIS_SENTINELS .*expected addresses between commas/,
  ],
  'two passwords of the sentinels': [
    {
      ...sentinels,
      REDIS_URL: 'redis://mymaster',
      REDIS_SENTINEL_PASSWORD: 'secret',
      REDIS_SENTINEL_PASSWORD_FILE: '/p',
    },
    /REDIS_SENTINEL_PASSWORD_FILE: expected .*got both/,
  ],
};
for (const [name, [env, message]] of Object.entries(contradictions)) {
  test(`${name}: refused with the way out, without a secret`, (t) => {
    const error = t.throws(() => addressIn(env), { instanceOf: ConfigError, message });
    t.notRegex(error?.message ?? '', /secret/);
  });
}

test('an address is a host with or without a port', (t) => {
  t.deepEqual(hostPortOf('sentinel-0.redis'), { host: 'sentinel-0.redis', port: 26_379 });
  for (const item of ['', 'a:b', 'user@host', 'host/path', 'host:99999']) t.is(hostPortOf(item), undefined, item);
});
