import type { Part } from './part.ts';
import { runtimeParts } from './runtime-parts.ts';
import { serverParts } from './server-parts.ts';
import { toolParts } from './tool-parts.ts';

/** Every part of the sandbox. */
export const parts: readonly Part[] = [...serverParts, ...runtimeParts, ...toolParts];

/** Parts of light mode. */
export const lightParts = ['etcd', 'kube-apiserver', 'redis-server'] as const;

/** Parts that the node itself is made of; what its images hold comes on top. */
export const nodeParts = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'containerd',
  'runc',
  'cni-plugins',
  'pause',
  'coredns',
  'busybox',
  'nft',
] as const;

/** @throws Error when no part is called `name`. */
export function partNamed(name: string): Part {
  const found = parts.find((part) => part.name === name);
  if (found !== undefined) return found;
  throw new Error(`part '${name}': expected one of ${parts.map((part) => part.name).join(', ')}`);
}
