import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import type { Subject } from '../certificates.ts';
import { apiServerNames, type ClusterKeys, keysIn, writeKeys } from '../control-plane.ts';
import { renderKubeconfig } from '../kubeconfig.ts';
import { type NodeLayout, nodeName, nodeNetwork } from './layout.ts';

const subjects: Readonly<Record<string, Subject>> = {
  'kube-apiserver': {
    commonName: 'kube-apiserver',
    dnsNames: apiServerNames,
    addresses: ['127.0.0.1', nodeNetwork.nodeAddress, nodeNetwork.apiServiceAddress],
  },
  admin: { commonName: 'admin', organization: 'system:masters' },
  'apiserver-to-kubelet': { commonName: 'apiserver-to-kubelet', organization: 'system:masters' },
  'front-proxy': { commonName: 'front-proxy' },
  'kube-controller-manager': { commonName: 'system:kube-controller-manager' },
  'kube-scheduler': { commonName: 'system:kube-scheduler' },
  'kube-proxy': { commonName: 'system:kube-proxy' },
  kubelet: { commonName: `system:node:${nodeName}`, organization: 'system:nodes' },
};

const users = ['admin', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet'];

/** Keys of the node's cluster and a kubeconfig (for use inside) for each of its users; made once. */
export async function ensureKeys(layout: NodeLayout): Promise<ClusterKeys> {
  const done = layout.path('keys', 'done');
  const directory = layout.path('keys');
  if (existsSync(done)) return keysIn(directory);
  const keys = await writeKeys({ directory, subjects });
  await mkdir(layout.path('kubeconfigs'), { recursive: true, mode: 0o700 });
  const server = `https://${nodeNetwork.nodeAddress}:${nodeNetwork.apiPort}`;
  await Promise.all(
    users.map((user) => writeKubeconfig({ keys, user, server, file: layout.path('kubeconfigs', user) })),
  );
  await writeFile(done, '');
  return keys;
}

/** Which kubeconfig to write. */
export interface KubeconfigFile {
  readonly keys: ClusterKeys;
  readonly user: string;
  readonly server: string;
  readonly file: string;
}

/** Writes the kubeconfig of one user, readable by nobody else. */
export async function writeKubeconfig({ keys, user, server, file }: KubeconfigFile): Promise<void> {
  const [authority, client] = await Promise.all([keys.authority(), keys.pair(user)]);
  await writeFile(file, renderKubeconfig({ cluster: 'aviary-sandbox', user, server, authority, client }));
  await chmod(file, 0o600);
}
