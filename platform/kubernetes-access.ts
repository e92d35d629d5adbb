import { delimiter } from 'node:path';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent, type buildConnector } from 'undici';
import type { Clock } from './clock.ts';
import { sha256Hex } from './hash.ts';

/** Where the API server is and who we are. Read the environment in main and say it here. */
export type ClusterAccess =
  /** `path` may be several files joined as KUBECONFIG is. */
  | { kind: 'kubeconfig'; path: string; context?: string | undefined }
  /** `host` and `port` from KUBERNETES_SERVICE_HOST and _PORT; token and CA from the mounted service account. */
  | { kind: 'inCluster'; host: string; port: string; serviceAccountDir?: string | undefined };

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

interface Credentials {
  headers: Record<string, string>;
  tls: TlsMaterial;
}

type TlsMaterial = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'>;

/** Shorter than the 90 s after which the API server ends idle connections, and than common load balancers' 60 s. */
const idleConnectionMs = 45_000;
const credentialsLifeMs = 30_000;
/** First TCP probe on a silent connection: finds a dead peer in about two minutes with Linux defaults. */
const keepAliveDelayMs = 15_000;
const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ConnectionOptions {
  access: ClusterAccess;
  clock: Clock;
  /** Bound on `requests`. */
  connections: number;
}

/** Throws Error, naming the file, when the access data cannot be used. */
export function createClusterConnections({ access, clock, connections }: ConnectionOptions): ClusterConnections {
  const config = loadKubeConfig(access);
  const server = serverOf(config, access);
  let loaded: { at: number; connection: Promise<ClusterConnection> } | undefined;
  let agents: { fingerprint: string; requests: Dispatcher; watches: Dispatcher } | undefined;

  const agentsFor = (tls: TlsMaterial): { requests: Dispatcher; watches: Dispatcher } => {
    const fingerprint = fingerprintOf(tls);
    if (agents?.fingerprint === fingerprint) return agents;
    closeQuietly(agents);
    const proxyUrl = config.getCurrentCluster()?.proxyUrl;
    agents = {
      fingerprint,
      requests: dispatcherFor({ proxyUrl, tls, connections }),
      watches: dispatcherFor({ proxyUrl, tls, connections: null }),
    };
    return agents;
  };
  const load = async (): Promise<ClusterConnection> => {
    const { headers, tls } = await readCredentials(config);
    return { server, headers, ...agentsFor(tls) };
  };
  return {
    async current() {
      if (loaded === undefined || clock.now() - loaded.at >= credentialsLifeMs) {
        loaded = { at: clock.now(), connection: load() };
      }
      const { connection } = loaded;
      try {
        return await connection;
      } catch (error) {
        if (loaded.connection === connection) loaded = undefined;
        throw new Error(`credentials for ${server} cannot be had: ${messageOf(error)}`, { cause: error });
      }
    },
    async close() {
      await Promise.all([agents?.requests.close(), agents?.watches.destroy()]);
    },
  };
}

function loadKubeConfig(access: ClusterAccess): KubeConfig {
  if (access.kind === 'inCluster') return serviceAccountConfig(access);
  const config = new KubeConfig();
  for (const [index, path] of access.path.split(delimiter).filter(Boolean).entries()) {
    const part = new KubeConfig();
    try {
      part.loadFromFile(path);
      config.mergeConfig(part, index > 0);
    } catch (error) {
      throw new Error(`kubeconfig ${path}: cannot be used: ${messageOf(error)}`, { cause: error });
    }
  }
  if (access.context !== undefined) config.setCurrentContext(access.context);
  return config;
}

type ServiceAccount = Extract<ClusterAccess, { kind: 'inCluster' }>;

function serviceAccountConfig({ host, port, serviceAccountDir = serviceAccountDirectory }: ServiceAccount): KubeConfig {
  const config = new KubeConfig();
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  config.loadFromClusterAndUser(
    { name: 'in-cluster', server: `https://${authority}`, caFile: `${serviceAccountDir}/ca.crt`, skipTLSVerify: false },
    {
      name: 'service-account',
      authProvider: { name: 'tokenFile', config: { tokenFile: `${serviceAccountDir}/token` } },
    },
  );
  return config;
}

function serverOf(config: KubeConfig, access: ClusterAccess): string {
  const server = config.getCurrentCluster()?.server;
  if (server !== undefined && URL.canParse(server)) return server.replace(/\/+$/, '');
  const where = access.kind === 'kubeconfig' ? `kubeconfig ${access.path}` : 'service account';
  const contexts = config.getContexts().map(({ name }) => name);
  throw new Error(
    `${where}: expected a cluster with a server URL in context '${config.getCurrentContext()}', got ` +
      `${server === undefined ? 'none' : `'${server}'`}; contexts in it: ${contexts.join(', ') || 'none'}`,
  );
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
  return { headers, tls: { ca, cert, key, passphrase, rejectUnauthorized, servername } };
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

function closeQuietly(agents: { requests: Dispatcher; watches: Dispatcher } | undefined): void {
  // Requests on the way may finish with the old certificate; nobody waits for them here.
  agents?.requests.close().catch(() => undefined);
  agents?.watches.close().catch(() => undefined);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
