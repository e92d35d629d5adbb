import { Agent, type Dispatcher, ProxyAgent, type buildConnector } from 'undici';
import type { Clock } from '../clock.ts';
import { sha256Hex } from '../hash.ts';
import { type CredentialSource, type ServiceAccountAccess, serviceAccountSource } from './credentials.ts';
import type { Credentials, TlsMaterial } from './credentials.ts';
import type { KubeconfigAccess } from './kubeconfig.ts';
import { messageOf } from '../error-message.ts';

/** Where the API server is and who we are. Read the environment in main and say it here. */
export type ClusterAccess = KubeconfigAccess | ServiceAccountAccess;

/** What a request needs to reach the API server as ourselves. */
export interface ClusterConnection {
  /** Without a slash at its end; may have a path. */
  server: string;
  /** Authorization or impersonation. */
  headers: Readonly<Record<string, string>>;
  requests: Dispatcher;
  /** Apart from `requests`: a watch holds its connection for minutes and must not take it from them. */
  watches: Dispatcher;
}

export interface ClusterConnections {
  /** Tokens and certificates are read again every 30 s; changed certificates get new connections. */
  current(): Promise<ClusterConnection>;
  close(): Promise<void>;
}

/** Shorter than the 90 s after which the API server ends idle connections, and than common load balancers' 60 s. */
const idleConnectionMs = 45_000;
const credentialsLifeMs = 30_000;
/** First TCP probe on a silent connection: finds a dead peer in about two minutes with Linux defaults. */
const keepAliveDelayMs = 15_000;

export interface ConnectionOptions {
  access: ClusterAccess;
  clock: Clock;
  /** Bound on `requests`. */
  connections: number;
}

/** Throws Error, naming the file, when the access data cannot be used. */
export async function checkClusterAccess(access: ClusterAccess): Promise<void> {
  await readCredentials(await openSource(access));
}

async function openSource(access: ClusterAccess): Promise<CredentialSource> {
  if (access.kind === 'inCluster') return serviceAccountSource(access);
  // The library behind it takes more memory than all else of a worker at rest, and pods do not need it.
  const { kubeconfigSource } = await import('./kubeconfig.ts');
  return kubeconfigSource(access);
}

/** Access data that cannot be used fail the requests, which name the file; {@link checkClusterAccess} finds them first. */
export function createClusterConnections({ access, clock, connections }: ConnectionOptions): ClusterConnections {
  let source: CredentialSource | undefined;
  let loaded: { at: number; connection: Promise<ClusterConnection> } | undefined;
  let agents: Agents | undefined;

  const agentsFor = (tls: TlsMaterial, proxyUrl: string | undefined): Agents => {
    const fingerprint = fingerprintOf(tls);
    if (agents?.fingerprint === fingerprint) return agents;
    closeQuietly(agents);
    agents = {
      fingerprint,
      requests: dispatcherFor({ proxyUrl, tls, connections }),
      watches: dispatcherFor({ proxyUrl, tls, connections: null }),
    };
    return agents;
  };
  const load = async (): Promise<ClusterConnection> => {
    source ??= await openSource(access);
    const { server, proxyUrl } = source;
    const { headers, tls } = await readCredentials(source);
    return { server, headers, ...agentsFor(tls, proxyUrl) };
  };
  return {
    async current() {
      if (loaded === undefined || !isYoung(clock.now() - loaded.at)) {
        loaded = { at: clock.now(), connection: load() };
      }
      const { connection } = loaded;
      try {
        return await connection;
      } catch (error) {
        if (loaded.connection === connection) loaded = undefined;
        throw error;
      }
    },
    async close() {
      await Promise.all([agents?.requests.close(), agents?.watches.destroy()]);
    },
  };
}

/** Below 0 the clock was set back since, and how old they are cannot be told. */
const isYoung = (ageMs: number): boolean => ageMs >= 0 && ageMs < credentialsLifeMs;

interface Agents {
  readonly fingerprint: string;
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

async function readCredentials(source: CredentialSource): Promise<Credentials> {
  try {
    return await source.read();
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`credentials for ${source.server} cannot be had: ${reason}`, { cause: error });
  }
}

const fingerprintOf = (tls: TlsMaterial): string =>
  sha256Hex(JSON.stringify([tls.ca, tls.cert, tls.key, tls.rejectUnauthorized, tls.servername].map(String)));

interface DispatcherOptions {
  proxyUrl: string | undefined;
  tls: TlsMaterial;
  connections: number | null;
}

function dispatcherFor({ proxyUrl, tls, connections }: DispatcherOptions): Dispatcher {
  // Bounds are set per request; undici's own would cut a quiet watch after five minutes.
  const common = { connections, keepAliveTimeout: idleConnectionMs, headersTimeout: 0, bodyTimeout: 0 };
  const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const connect: buildConnector.BuildOptions = { ...given, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs };
  if (proxyUrl === undefined) return new Agent({ ...common, connect });
  return new ProxyAgent({ ...common, uri: proxyUrl, requestTls: connect });
}

function closeQuietly(agents: Agents | undefined): void {
  // Requests on the way may finish with the old certificate; nobody waits for them here.
  agents?.requests.close().catch(() => undefined);
  agents?.watches.close().catch(() => undefined);
}
