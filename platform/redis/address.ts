/** Where a Redis is and how it is reached: from the settings of a process to the options of the client. */
import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';
import { messageOf } from '../error-message.ts';

/** Options of the client that its constructor takes under strict types. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

export interface RedisAddress {
  /**
   * `redis://user:password@host:port/db`, or `rediss://…` for TLS. With sentinels the host is the name of the master and
   * counts for nothing.
   */
  readonly url: string;
  /** A file that holds the password, where the URL holds none. */
  readonly passwordFile?: string | undefined;
  readonly tls?: RedisTls | undefined;
  readonly sentinels?: SentinelGroup | undefined;
}

/** What is not told is Node's own: its list of authorities, and the host as the name. */
export interface RedisTls {
  readonly caFile?: string | undefined;
  readonly client?: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  readonly serverName?: string | undefined;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface SentinelGroup {
  /** Of the master. */
  readonly name: string;
  readonly addresses: readonly HostPort[];
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Whether they speak TLS; as Redis itself unless told. */
  readonly tls?: boolean | undefined;
}

/** Redis cannot be used as it is; the message says what was found, what is needed, and what to do. */
export class RedisUnusableError extends Error {
  override readonly name = 'RedisUnusableError';
}

const redisPort = 6379;
const sentinelPort = 26_379;

/** `host`, `host:port`, `[address]:port`; undefined when it is none of them. */
export function hostPortOf(item: string): HostPort | undefined {
  if (!URL.canParse(`redis://${item}`)) return undefined;
  const { hostname, port, username, pathname, search } = new URL(`redis://${item}`);
  if (hostname === '' || username !== '' || pathname !== '' || search !== '') return undefined;
  return { host: bare(hostname), port: port === '' ? sentinelPort : Number(port) };
}

/** Without the brackets of an IPv6 address. */
const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Where a client connects to, in words, without any secret. */
export function shownAddress({ host, port, name, sentinels }: RedisOptions): string {
  if (sentinels === undefined || sentinels === null) return `${host ?? 'localhost'}:${port ?? redisPort}`;
  return `master '${name}' of sentinels ${sentinels.map((one) => `${one.host}:${one.port}`).join(', ')}`;
}

/**
 * Reads the files that the address names, once: what changes in them counts for the next process.
 * Throws RedisUnusableError on a URL of another kind and on a file that cannot be read.
 */
export function connectionOptions(address: RedisAddress): ClientOptions {
  const { url, passwordFile, sentinels } = address;
  if (!URL.canParse(url) || !['redis:', 'rediss:'].includes(new URL(url).protocol)) {
    throw new RedisUnusableError(
      'Redis URL: expected redis://[user:password@]host[:port][/db] or rediss://…, got another text',
    );
  }
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const secure = protocol === 'rediss:';
  const tls = tlsOptions(address.tls ?? {});
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...secret(decodeURIComponent(password), { file: passwordFile, variable: 'REDIS_PASSWORD_FILE' }),
    db: Number(pathname.slice(1)),
    ...(secure ? { tls } : {}),
    ...(sentinels === undefined
      ? { host: bare(hostname), port: port === '' ? redisPort : Number(port) }
      : sentinelOptions(sentinels, { secure, tls })),
  };
}

interface PasswordFile {
  readonly file: string | undefined;
  /** Which variable names it. */
  readonly variable: string;
}

function secret(value: string, { file, variable }: PasswordFile): { password?: string } {
  const password = file === undefined ? value : readText(file, `the password (${variable})`).trimEnd();
  return password === '' ? {} : { password };
}

function tlsOptions({ caFile, client, serverName }: RedisTls) {
  return {
    ...(caFile === undefined ? {} : { ca: readText(caFile, 'the certificate of an authority (REDIS_CA_FILE)') }),
    ...(client === undefined
      ? {}
      : {
          cert: readText(client.certificateFile, 'a certificate (REDIS_CERT_FILE)'),
          key: readText(client.keyFile, 'a key (REDIS_KEY_FILE)'),
        }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** Milliseconds. A sentinel that hangs must not hold up the question to the next one. */
const sentinelPatienceMs = 2_000;
const sentinelPauseMs = 500;

interface Security {
  readonly secure: boolean;
  readonly tls: ReturnType<typeof tlsOptions>;
}

function sentinelOptions(group: SentinelGroup, { secure, tls }: Security): ClientOptions {
  const { name, addresses, username } = group;
  const passwordFile = { file: group.passwordFile, variable: 'REDIS_SENTINEL_PASSWORD_FILE' };
  const { password } = secret(group.password ?? '', passwordFile);
  return {
    name,
    sentinels: addresses.map((address) => ({ ...address })),
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...((group.tls ?? secure) ? { sentinelTLS: tls } : {}),
    enableTLSForSentinelMode: secure,
    // Not `failoverDetector`: its news of a new master, coming while a lost connection is being made again, would end that
    // client for good (ioredis 6.0.0). Sentinels cut the connections of a master that they demote; one that says nothing
    // any more is left by its silence.
    sentinelCommandTimeout: sentinelPatienceMs,
    sentinelRetryStrategy: () => sentinelPauseMs,
  };
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = messageOf(cause);
    throw new RedisUnusableError(`Redis: expected ${what} in the file '${file}', got none (${reason})`, { cause });
  }
}
