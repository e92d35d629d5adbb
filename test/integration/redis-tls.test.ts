/** TLS with a real Redis: who signed, for which name, who asks; and the password from a file. */
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { systemClock } from '../../platform/clock.ts';
import { RedisUnusableError } from '../../platform/redis/address.ts';
import { redisAddressOf } from '../../platform/redis/settings.ts';
import type { RedisValues } from '../../platform/redis/settings.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';
import { type Authority, createAuthority } from '../../sandbox/certificates.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { type RedisHost, createRedisHost } from '../support/redis-host.ts';

const password = 'pa55word';

interface Context {
  host: RedisHost;
  authority: Authority;
  port: number;
  url: string;
  ca: string;
}

const test = anyTest as TestFn<Context>;

test.beforeEach(async (t) => {
  const host = await createRedisHost();
  const authority = await createAuthority('aviary-test');
  const [port = 0] = await freePorts(1);
  const ca = await host.file('ca.crt', authority.certificate);
  t.context = { host, authority, port, url: `rediss://:${password}@127.0.0.1:${port}`, ca };
});

test.afterEach.always((t) => t.context.host.release());

interface Serving {
  readonly dnsNames?: readonly string[];
  readonly asksClients?: boolean;
}

/** A Redis that speaks nothing but TLS. */
async function serve({ context }: ExecutionContext<Context>, { dnsNames, asksClients = false }: Serving = {}) {
  const { host, authority, port, ca } = context;
  const names = dnsNames === undefined ? { addresses: ['127.0.0.1'] } : { dnsNames };
  const { certificate, key } = await authority.issue({ commonName: 'redis', ...names });
  // prettier-ignore
  await host.launch(
    port, '--port', '0', '--tls-port', `${port}`, '--requirepass', password,
    '--tls-cert-file', await host.file('server.crt', certificate), '--tls-key-file', await host.file('server.key', key),
    '--tls-ca-cert-file', ca, '--tls-auth-clients', asksClients ? 'yes' : 'no',
  );
}

function check(t: ExecutionContext<Context>, values: Omit<RedisValues, 'REDIS_SENTINELS'>, timeoutMs = 1_500) {
  const log = createRecordingLogger();
  const address = redisAddressOf({ ...values, REDIS_SENTINELS: [] });
  const redis = createRedis({ ...address, role: 'producer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  return checkRedis(redis, { clock: systemClock, log, prefix: '{test}', timeoutMs });
}

const refused = (message: RegExp) => ({ instanceOf: RedisUnusableError, message });

test('a certificate of a known authority is taken, of an unknown one refused with the setting that helps', async (t) => {
  await serve(t);
  const { url, ca, host } = t.context;
  await t.notThrowsAsync(check(t, { REDIS_URL: url, REDIS_CA_FILE: ca }, 10_000));
  await t.throwsAsync(check(t, { REDIS_URL: url }), refused(/got none \(.*certificate.*set REDIS_CA_FILE/));
  const other = await host.file('other.crt', (await createAuthority('another')).certificate);
  const wrong = check(t, { REDIS_URL: url, REDIS_CA_FILE: other });
  await t.throwsAsync(wrong, refused(/got none \(.*certificate.*set REDIS_CA_FILE/));
});

test('a certificate must be for the host, or for the name that is set', async (t) => {
  await serve(t, { dnsNames: ['redis.shop.internal'] });
  const { url, ca } = t.context;
  await t.throwsAsync(check(t, { REDIS_URL: url, REDIS_CA_FILE: ca }), refused(/another name.*REDIS_SERVER_NAME/));
  const named = { REDIS_URL: url, REDIS_CA_FILE: ca, REDIS_SERVER_NAME: 'redis.shop.internal' };
  await t.notThrowsAsync(check(t, named, 10_000));
});

test('a Redis that asks for certificates gets ours, and without one says which settings help', async (t) => {
  await serve(t, { asksClients: true });
  const { url, ca, host, authority } = t.context;
  const least = { REDIS_URL: url, REDIS_CA_FILE: ca };
  await t.throwsAsync(check(t, least), refused(/certificate.*REDIS_CERT_FILE/));
  const strange = await (await createAuthority('another')).issue({ commonName: 'aviary' });
  const unknown = {
    REDIS_CERT_FILE: await host.file('strange.crt', strange.certificate),
    REDIS_KEY_FILE: await host.file('strange.key', strange.key),
  };
  await t.throwsAsync(check(t, { ...least, ...unknown }), refused(/certificate.*REDIS_CERT_FILE/));
  const ours = await authority.issue({ commonName: 'aviary' });
  const files = {
    REDIS_CERT_FILE: await host.file('client.crt', ours.certificate),
    REDIS_KEY_FILE: await host.file('client.key', ours.key),
  };
  await t.notThrowsAsync(check(t, { ...least, ...files }, 10_000));
});

test('the password may come from a file; one that cannot be read is named', async (t) => {
  await serve(t);
  const { ca, host, port } = t.context;
  const url = `rediss://default@127.0.0.1:${port}`;
  const file = await host.file('password', `${password}\n`);
  await t.notThrowsAsync(check(t, { REDIS_URL: url, REDIS_CA_FILE: ca, REDIS_PASSWORD_FILE: file }, 10_000));
  const missing = { REDIS_URL: url, REDIS_CA_FILE: ca, REDIS_PASSWORD_FILE: `${file}.gone` };
  t.throws(
    () => void check(t, missing),
    refused(/expected the password \(REDIS_PASSWORD_FILE\) in the file '.*password\.gone'.*ENOENT/),
  );
});

test('TLS with a port that speaks none says so', async (t) => {
  await t.context.host.launch(t.context.port);
  const { url, ca } = t.context;
  const patient = check(t, { REDIS_URL: url, REDIS_CA_FILE: ca }, 7_000);
  await t.throwsAsync(patient, refused(/ETIMEDOUT.*that the port speaks TLS/));
});
