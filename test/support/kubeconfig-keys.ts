/** The keys inside a kubeconfig of the sandbox, for those who speak TLS to its API server themselves. */
import { readFile } from 'node:fs/promises';
import { stringAt } from '../../platform/json.ts';

export interface KubeconfigKeys {
  /** All PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export async function parseKubeconfig(path: string): Promise<KubeconfigKeys> {
  const config: unknown = JSON.parse(await readFile(path, 'utf8'));
  const decoded = (...at: readonly (string | number)[]): string =>
    Buffer.from(stringAt(config, ...at) ?? '', 'base64').toString();
  return {
    authority: decoded('clusters', 0, 'cluster', 'certificate-authority-data'),
    certificate: decoded('users', 0, 'user', 'client-certificate-data'),
    key: decoded('users', 0, 'user', 'client-key-data'),
  };
}
