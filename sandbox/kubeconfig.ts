import type { KeyPair } from './certificates.ts';

/** What a client needs to speak to a cluster as one user. */
export interface KubeconfigOptions {
  readonly cluster: string;
  readonly user: string;
  /** Address of the API server, e.g. `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
  readonly client: KeyPair;
}

/** A kubeconfig as text: JSON, which is YAML too, with keys inside, so that it can be moved about freely. */
export function renderKubeconfig({ cluster, user, server, authority, client }: KubeconfigOptions): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
