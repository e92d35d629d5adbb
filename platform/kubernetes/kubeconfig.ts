/** Kubeconfigs, with all the ways to log in that they know. Imported only where there is one: the library is large. */
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { CredentialSource, Credentials } from './credentials.ts';
import { messageOf } from '../error-message.ts';

export interface KubeconfigAccess {
  readonly kind: 'kubeconfig';
  /** May be several files joined as KUBECONFIG is. */
  readonly path: string;
  readonly context?: string | undefined;
}

/** Throws Error, naming the file, when it cannot be used. */
export function kubeconfigSource(access: KubeconfigAccess): CredentialSource {
  const config = load(access);
  return {
    server: serverOf(config, access),
    proxyUrl: config.getCurrentCluster()?.proxyUrl,
    read: () => readCredentials(config),
  };
}

function load({ path: paths, context }: KubeconfigAccess): KubeConfig {
  const config = new KubeConfig();
  for (const [index, path] of paths.split(delimiter).filter(Boolean).entries()) {
    const part = new KubeConfig();
    try {
      part.loadFromFile(path);
      config.mergeConfig(part, index > 0);
    } catch (error) {
      const reason = messageOf(error);
      throw new Error(`kubeconfig ${path}: cannot be used: ${reason}`, { cause: error });
    }
  }
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

function serverOf(config: KubeConfig, { path }: KubeconfigAccess): string {
  const server = config.getCurrentCluster()?.server;
  if (server !== undefined && URL.canParse(server)) return server.replace(/\/+$/, '');
  const contexts = config.getContexts().map(({ name }) => name);
  throw new Error(
    `kubeconfig ${path}: expected a cluster with a server URL in context '${config.getCurrentContext()}', got ` +
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
