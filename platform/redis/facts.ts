/** What a Redis says of itself, and whether that will do. Pure. */

/** What INFO tells; a field that is missing is undefined. */
export interface RedisFacts {
  /** Of Redis, or the one that a Valkey is compatible with. */
  readonly version: string | undefined;
  /** Of Valkey; undefined on Redis. */
  readonly valkeyVersion: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly aofEnabled: boolean | undefined;
  readonly hz: number | undefined;
  readonly isCluster: boolean;
  /** `slave` cannot be written to. */
  readonly role: string | undefined;
}

export const factSections = ['server', 'memory', 'persistence', 'cluster', 'replication'] as const;

export function parseFacts(info: string): RedisFacts {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const aof = field('aof_enabled');
  const hz = field('configured_hz');
  return {
    version: field('redis_version'),
    valkeyVersion: field('valkey_version'),
    evictionPolicy: field('maxmemory_policy'),
    aofEnabled: aof === undefined ? undefined : aof === '1',
    hz: hz === undefined ? undefined : Number(hz),
    isCluster: field('cluster_enabled') === '1',
    role: field('role'),
  };
}

/** Name and version, for the log. */
export const serverOf = ({ version, valkeyVersion }: RedisFacts): string =>
  valkeyVersion === undefined ? `Redis ${version ?? 'of an unknown version'}` : `Valkey ${valkeyVersion}`;

/** Why Redis must not be used, or undefined. `prefix`: what our keys begin with. */
export function refusalOf(facts: RedisFacts, prefix: string): string | undefined {
  const { version, evictionPolicy, isCluster, role } = facts;
  if (version !== undefined && !isAtLeast(version, [6, 2])) {
    return `Redis: expected version 6.2 or newer, got ${version}; upgrade it, the queue needs newer commands`;
  }
  if (evictionPolicy !== undefined && evictionPolicy !== 'noeviction') {
    return `Redis: expected maxmemory-policy noeviction, got ${evictionPolicy}, with which jobs vanish under memory pressure; run CONFIG SET maxmemory-policy noeviction and set it in redis.conf, or in the settings of the service`;
  }
  if (isCluster && !hasHashTag(prefix)) {
    return `Redis: expected REDIS_PREFIX with a part in braces, as {${prefix.replaceAll(/[{}]/g, '')}}, because Redis is a cluster, got '${prefix}', whose keys lie on several nodes`;
  }
  if (role === 'slave') {
    return 'Redis: expected a master, got a replica, which takes no writes; set REDIS_URL to the address of the master, or REDIS_SENTINELS';
  }
  return undefined;
}

/** Whether all keys with this prefix lie in one slot of a cluster: the text in the first braces decides, if there is any. */
export const hasHashTag = (prefix: string): boolean => /^[^{]*\{[^}]+\}/.test(prefix);

/** What would be better otherwise, in words. */
export function adviceOn({ version, evictionPolicy, aofEnabled, hz }: RedisFacts): string[] {
  const advice: string[] = [];
  if (version === undefined) advice.push('the version is not told; 6.2 or newer is needed');
  if (evictionPolicy === undefined) advice.push('maxmemory-policy is not told; it must be noeviction');
  if (aofEnabled === false)
    advice.push('appendonly is off: a crash loses queued jobs until the next tick adds them again');
  if (hz !== undefined && hz < 100)
    advice.push(`hz is ${hz}: delayed jobs start up to 100 ms late; hz 100 makes it 20 ms`);
  return advice;
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [gotMajor = 0, gotMinor = 0] = version.split('.').map(Number);
  return gotMajor > major || (gotMajor === major && gotMinor >= minor);
}

/** What helps against the failure of a connection. */
export function cureOf(failure: string): string {
  const known = cures.find(({ pattern }) => pattern.test(failure));
  return known?.cure ?? 'check that it runs and that its URL, user and password are right';
}

/** How much a failure tells of its cause: less is more. A connection that is cut off may hide what came before. */
export function rankOf(failure: string): number {
  const rank = cures.findIndex(({ pattern }) => pattern.test(failure));
  return rank === -1 ? cures.length : rank;
}

/** The most telling first. */
const cures = [
  {
    pattern: /self-signed|unable to (verify|get)|issuer certificate|certificate signature failure/i,
    cure: 'its certificate is signed by nobody known here: set REDIS_CA_FILE to the authority that signed it',
  },
  {
    pattern: /altnames|Hostname\/IP does not match/i,
    cure: 'its certificate is for another name: use that name in REDIS_URL, or set REDIS_SERVER_NAME to it',
  },
  {
    pattern: /certificate required|alert handshake failure|alert number 116/i,
    cure: 'it asks for a certificate of ours: set REDIS_CERT_FILE and REDIS_KEY_FILE',
  },
  {
    pattern: /alert unknown ca|alert bad certificate|alert number (42|48)/i,
    cure: 'it does not know who signed our certificate: check REDIS_CERT_FILE against its tls-ca-cert-file',
  },
  {
    pattern: /No such master|invalid reply: null/,
    cure: 'the sentinels know no master of that name: check REDIS_SENTINEL_NAME',
  },
  {
    pattern: /ETIMEDOUT/,
    cure: 'check its address, the network on the way, and that the port speaks TLS if REDIS_URL begins with rediss://',
  },
  {
    pattern: /Socket timeout/,
    cure: 'it holds the connection and answers nothing: check whether it hangs, and whether its node is still there',
  },
  {
    pattern: /NOREPLICAS/,
    cure: 'it has lost its replicas and takes no writes without them (min-replicas-to-write): check them, and the network between; behind sentinels it is left as soon as they have another master',
  },
  {
    pattern: /WRONGPASS|NOAUTH/,
    cure: 'check that its URL, user and password (there, or in REDIS_PASSWORD_FILE) are right',
  },
  {
    pattern: /ECONNRESET|Connection is closed/,
    cure: 'it hangs up: check whether its port speaks TLS, as REDIS_URL says, and asks for a certificate (REDIS_CERT_FILE)',
  },
] as const;
