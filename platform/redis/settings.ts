/** The variables that say which Redis a process uses and how; spread them into its schema. */
import { ConfigError } from '../config.ts';
import type { ConfigProblem } from '../config.ts';
import { boolean, commaList, text, url } from '../config-values.ts';
import { hostPortOf } from './address.ts';
import type { RedisAddress, SentinelGroup } from './address.ts';

const addresses = 'addresses between commas, as sentinel-0:26379,sentinel-1:26379';

export const redisFields = {
  REDIS_URL: url('redis', 'rediss').describe('where the queues live'),
  REDIS_PASSWORD_FILE: text('the path of a file').optional().describe('file with the password of Redis'),
  REDIS_CA_FILE: text('the path of a file').optional().describe('who signed the certificate of Redis'),
  REDIS_CERT_FILE: text('the path of a file').optional().describe('certificate that is shown to Redis'),
  REDIS_KEY_FILE: text('the path of a file').optional().describe('key of that certificate'),
  REDIS_SERVER_NAME: text('a host name').optional().describe('name in the certificate of Redis, if it is not its host'),
  REDIS_SENTINELS: commaList(addresses)
    .refine((list) => list.every((item) => hostPortOf(item) !== undefined), { error: addresses })
    .default([])
    .describe('sentinels that know where the master is'),
  REDIS_SENTINEL_NAME: text('the name of a master').optional().describe('which master the sentinels are asked for'),
  REDIS_SENTINEL_USERNAME: text('the name of a user').optional().describe('user of the sentinels'),
  REDIS_SENTINEL_PASSWORD: text('a password').optional().describe('password of the sentinels'),
  REDIS_SENTINEL_PASSWORD_FILE: text('the path of a file').optional().describe('file with it'),
  REDIS_SENTINEL_TLS: boolean().optional().describe('whether the sentinels speak TLS'),
};

/** Names in {@link redisFields} whose values are never shown. */
export const redisSecrets = ['REDIS_URL', 'REDIS_SENTINEL_PASSWORD'] as const;

type Text = string | undefined;

export interface RedisValues {
  readonly REDIS_URL: string;
  readonly REDIS_PASSWORD_FILE?: Text;
  readonly REDIS_CA_FILE?: Text;
  readonly REDIS_CERT_FILE?: Text;
  readonly REDIS_KEY_FILE?: Text;
  readonly REDIS_SERVER_NAME?: Text;
  readonly REDIS_SENTINELS: readonly string[];
  readonly REDIS_SENTINEL_NAME?: Text;
  readonly REDIS_SENTINEL_USERNAME?: Text;
  readonly REDIS_SENTINEL_PASSWORD?: Text;
  readonly REDIS_SENTINEL_PASSWORD_FILE?: Text;
  readonly REDIS_SENTINEL_TLS?: boolean | undefined;
}

/** Throws ConfigError with everything that contradicts itself. Files are not read here. */
export function redisAddressOf(values: RedisValues): RedisAddress {
  const problems = contradictions.flatMap((check) => check(values) ?? []);
  if (problems.length > 0) throw new ConfigError(problems);
  const { REDIS_CERT_FILE: certificate, REDIS_KEY_FILE: key } = values;
  return {
    url: values.REDIS_URL,
    passwordFile: values.REDIS_PASSWORD_FILE,
    tls: {
      caFile: values.REDIS_CA_FILE,
      client:
        certificate !== undefined && key !== undefined ? { certificateFile: certificate, keyFile: key } : undefined,
      serverName: values.REDIS_SERVER_NAME,
    },
    sentinels: sentinelsOf(values),
  };
}

function sentinelsOf(values: RedisValues): SentinelGroup | undefined {
  const { REDIS_SENTINELS: list, REDIS_SENTINEL_NAME: name } = values;
  if (list.length === 0 || name === undefined) return undefined;
  return {
    name,
    addresses: list.flatMap((item) => hostPortOf(item) ?? []),
    username: values.REDIS_SENTINEL_USERNAME,
    password: values.REDIS_SENTINEL_PASSWORD,
    passwordFile: values.REDIS_SENTINEL_PASSWORD_FILE,
    tls: values.REDIS_SENTINEL_TLS,
  };
}

type Check = (values: RedisValues) => ConfigProblem | undefined;
type Variable = keyof RedisValues;

const problem = (name: Variable, expected: string, got: string): ConfigProblem => ({
  name,
  expected,
  got,
  purpose: undefined,
});

const isSecure = ({ REDIS_URL: address, REDIS_SENTINEL_TLS: sentinels }: RedisValues): boolean =>
  new URL(address).protocol === 'rediss:' || sentinels === true;

const firstSet = (values: RedisValues, names: readonly Variable[]): Variable | undefined =>
  names.find((name) => values[name] !== undefined);

/** Each names one way in which variables contradict each other. */
const contradictions: readonly Check[] = [
  ({ REDIS_URL: address }) => {
    const { search, pathname, username, password } = new URL(address);
    if (search === '' && /^\/?\d*$/.test(pathname) && isEncoded(username) && isEncoded(password)) return undefined;
    return problem(
      'REDIS_URL',
      'redis://[user[:password]@]host[:port][/number of the database], user and password percent-encoded',
      'more or another text (hidden)',
    );
  },
  ({ REDIS_URL: address, REDIS_PASSWORD_FILE: file }) =>
    file === undefined || new URL(address).password === ''
      ? undefined
      : problem('REDIS_PASSWORD_FILE', 'a password in the file or in REDIS_URL', 'both'),
  ({ REDIS_SENTINEL_PASSWORD: password, REDIS_SENTINEL_PASSWORD_FILE: file }) =>
    file === undefined || password === undefined
      ? undefined
      : problem('REDIS_SENTINEL_PASSWORD_FILE', 'a password in the file or in REDIS_SENTINEL_PASSWORD', 'both'),
  ({ REDIS_CERT_FILE: certificate, REDIS_KEY_FILE: key }) => {
    if ((certificate === undefined) === (key === undefined)) return undefined;
    const missing = certificate === undefined ? 'REDIS_CERT_FILE' : 'REDIS_KEY_FILE';
    return problem(missing, 'REDIS_CERT_FILE and REDIS_KEY_FILE together', 'nothing');
  },
  (values) => {
    const name = firstSet(values, ['REDIS_CA_FILE', 'REDIS_CERT_FILE', 'REDIS_KEY_FILE', 'REDIS_SERVER_NAME']);
    if (name === undefined || isSecure(values)) return undefined;
    return problem(name, 'TLS, which a REDIS_URL that begins with rediss:// asks for', 'a REDIS_URL without TLS');
  },
  (values) => {
    if (values.REDIS_SENTINELS.length > 0) return undefined;
    const name = firstSet(values, [
      'REDIS_SENTINEL_NAME',
      'REDIS_SENTINEL_USERNAME',
      'REDIS_SENTINEL_PASSWORD',
      'REDIS_SENTINEL_PASSWORD_FILE',
      'REDIS_SENTINEL_TLS',
    ]);
    return name === undefined
      ? undefined
      : problem('REDIS_SENTINELS', `${addresses}, because ${name} is set`, 'nothing');
  },
  ({ REDIS_URL: address, REDIS_SENTINELS: list, REDIS_SENTINEL_NAME: name }) => {
    if (list.length === 0) return undefined;
    if (name === undefined) return problem('REDIS_SENTINEL_NAME', 'the name of a master, as mymaster', 'nothing');
    const { hostname, port, protocol } = new URL(address);
    if (hostname === name && port === '') return undefined;
    const expected = `${protocol}//[user[:password]@]${name}[/db]: with REDIS_SENTINELS the host is the name of the master`;
    return problem('REDIS_URL', expected, `the address '${hostname}${port === '' ? '' : `:${port}`}'`);
  },
];

function isEncoded(value: string): boolean {
  try {
    return decodeURIComponent(value) !== undefined;
  } catch {
    return false;
  }
}
