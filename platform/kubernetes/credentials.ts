import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { messageOf } from '../error-message.ts';

export type TlsMaterial = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

export interface Credentials {
  /** Authorization or impersonation; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Where an API server is, and what lets us in. */
export interface CredentialSource {
  /** Without a slash at its end; may have a path. */
  readonly server: string;
  readonly proxyUrl: string | undefined;
  /** As they are now: tokens and certificates are replaced in their files. */
  read(): Promise<Credentials>;
}

/** `host` and `port` from KUBERNETES_SERVICE_HOST and _PORT; token and CA from the mounted service account. */
export interface ServiceAccountAccess {
  readonly kind: 'inCluster';
  readonly host: string;
  readonly port: string;
  readonly serviceAccountDir?: string | undefined;
}

const notMounted =
  'have the account mounted into the pod (automountServiceAccountToken), or set KUBERNETES_ACCOUNT_DIR to where it is';

const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What every pod is given. `read` fails with the path of the file that cannot be read. */
export function serviceAccountSource(access: ServiceAccountAccess): CredentialSource {
  const { host, port, serviceAccountDir: directory = serviceAccountDirectory } = access;
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    server: `https://${authority}`,
    proxyUrl: undefined,
    read: async () => {
      const [token, ca] = await Promise.all([
        readFile(join(directory, 'token'), 'utf8'),
        readFile(join(directory, 'ca.crt')),
      ]).catch((cause: unknown) => {
        throw new Error(`${messageOf(cause)}; ${notMounted}`, { cause });
      });
      return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
    },
  };
}
