import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SandboxEnvironment } from '../environment.ts';

/** Addresses of the node. They exist in its own network namespace only and meet nothing of the machine's. */
export const nodeNetwork = {
  nodeAddress: '10.250.0.1',
  podCidr: '10.244.0.0/24',
  serviceCidr: '10.96.0.0/16',
  apiServiceAddress: '10.96.0.1',
  dnsAddress: '10.96.0.10',
  apiPort: 6443,
  etcdPort: 2379,
  etcdPeerPort: 2380,
} as const;

/** Name of the Kubernetes node and of the machine inside the namespaces. */
export const nodeName = 'aviary';

/** Where one node keeps what. */
export interface NodeLayout {
  /** Tells several nodes of one machine apart. */
  readonly name: string;
  readonly directory: string;
  /** Name of its control groups. */
  readonly cgroup: string;
  /** A path below {@link directory}. */
  path(...names: readonly string[]): string;
}

/**
 * The layout of the node called `name`.
 * @throws Error when the folder for states is one that the node hides from itself.
 */
export function layoutOf(environment: SandboxEnvironment, name: string): NodeLayout {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new Error(`node name: expected lower-case letters, digits and dashes (at most 31), got '${name}'`);
  }
  const suffix = name === 'aviary' ? '' : `-${name}`;
  const directory = join(environment.temporary, `aviary-sandbox${suffix}`);
  if (/^\/(run|var\/run|proc|sys)\//.test(directory)) {
    throw new Error(`folder for states: expected one outside /run, got ${directory}; set AVIARY_SANDBOX_STATE`);
  }
  // Two users' folders may bear one name in different places: their groups must not.
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 6);
  const cgroup = `aviary-sandbox-${digest}`;
  return { name, directory, cgroup, path: (...names) => join(directory, ...names) };
}
