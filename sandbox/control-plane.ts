import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, createSigningKeys, type KeyPair, type Subject } from './certificates.ts';

/** Files with the keys of one cluster, in one folder. */
export interface ClusterKeys {
  /** Path of a file of the folder, e.g. `ca.crt`. */
  file(name: string): string;
  /** PEM of the cluster's authority. */
  authority(): Promise<string>;
  /** The certificate issued under `name`, with its key. */
  pair(name: string): Promise<KeyPair>;
}

/** The keys that were written to `directory`. */
export function keysIn(directory: string): ClusterKeys {
  const file = (name: string): string => join(directory, name);
  const read = (name: string): Promise<string> => readFile(file(name), 'utf8');
  return {
    file,
    authority: () => read('ca.crt'),
    pair: async (name) => ({ certificate: await read(`${name}.crt`), key: await read(`${name}.key`) }),
  };
}

/** Files of every cluster's keys, besides `ca` and those that the caller asks for. */
export interface KeyOptions {
  readonly directory: string;
  /** Name of the files → whom the certificate is for. */
  readonly subjects: Readonly<Record<string, Subject>>;
}

/** Writes an authority, the keys of service accounts and a certificate for each subject. */
export async function writeKeys({ directory, subjects }: KeyOptions): Promise<ClusterKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = keysIn(directory);
  const write = (name: string, text: string): Promise<void> => writeFile(keys.file(name), text, { mode: 0o600 });
  const authority = await createAuthority('aviary-sandbox');
  const signing = createSigningKeys();
  const issued = Object.entries(subjects).map(async ([name, subject]) => {
    const pair = await authority.issue(subject);
    await write(`${name}.crt`, pair.certificate);
    await write(`${name}.key`, pair.key);
  });
  await Promise.all([
    ...issued,
    write('ca.crt', authority.certificate),
    write('ca.key', authority.key),
    write('service-account.key', signing.privateKey),
    write('service-account.pub', signing.publicKey),
  ]);
  return keys;
}

/** Names under which a pod or a process on the machine reaches the API server. */
export const apiServerNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** Settings of an etcd of one member. */
export interface EtcdOptions {
  readonly directory: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** Arguments of etcd. It does not wait for the disk: the cluster is thrown away with the machine's next crash. */
export function etcdArguments({ directory, clientPort, peerPort }: EtcdOptions): string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    '--name=aviary',
    `--data-dir=${directory}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=aviary=${peer}`,
    '--unsafe-no-fsync=true',
  ];
}

/** Settings of the API server that both modes share. */
export interface ApiServerOptions {
  readonly etcdPort: number;
  readonly port: number;
  readonly bindAddress: string;
  readonly advertiseAddress: string;
  readonly serviceCidr: string;
  /** Comma-separated, e.g. `Node,RBAC`. */
  readonly authorization: string;
  readonly keys: ClusterKeys;
  /** Policy and log file of the audit log, if one is kept. */
  readonly audit?: { readonly policy: string; readonly log: string };
  /** Whether etcd keeps what objects were before; else for five minutes. */
  readonly history?: boolean;
}

/** Arguments of kube-apiserver. */
export function apiServerArguments(options: ApiServerOptions): string[] {
  const { keys, audit } = options;
  return [
    `--etcd-servers=http://127.0.0.1:${options.etcdPort}`,
    `--secure-port=${options.port}`,
    `--bind-address=${options.bindAddress}`,
    `--advertise-address=${options.advertiseAddress}`,
    `--service-cluster-ip-range=${options.serviceCidr}`,
    `--authorization-mode=${options.authorization}`,
    '--allow-privileged=true',
    `--client-ca-file=${keys.file('ca.crt')}`,
    `--tls-cert-file=${keys.file('kube-apiserver.crt')}`,
    `--tls-private-key-file=${keys.file('kube-apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${keys.file('service-account.pub')}`,
    `--service-account-signing-key-file=${keys.file('service-account.key')}`,
    ...(audit === undefined ? [] : auditArguments(audit)),
    ...(options.history === true ? ['--etcd-compaction-interval=0'] : []),
  ];
}

/** The log stays one file: it begins a new one at 100 MB unless told. */
const auditArguments = ({ policy, log }: { readonly policy: string; readonly log: string }): string[] => [
  `--audit-policy-file=${policy}`,
  `--audit-log-path=${log}`,
  '--audit-log-maxsize=100000',
];

/** Settings of the controller manager. */
export interface ControllerManagerOptions {
  readonly kubeconfig: string;
  readonly keys: ClusterKeys;
  readonly port: number;
  readonly serviceCidr: string;
}

/** Arguments of kube-controller-manager; alone in its cluster, it needs no lease. */
export const controllerManagerArguments = (options: ControllerManagerOptions): string[] => [
  `--kubeconfig=${options.kubeconfig}`,
  '--use-service-account-credentials=true',
  `--service-account-private-key-file=${options.keys.file('service-account.key')}`,
  `--root-ca-file=${options.keys.file('ca.crt')}`,
  `--cluster-signing-cert-file=${options.keys.file('ca.crt')}`,
  `--cluster-signing-key-file=${options.keys.file('ca.key')}`,
  `--service-cluster-ip-range=${options.serviceCidr}`,
  '--leader-elect=false',
  // At the default of 20 requests a second, its controllers need several seconds to get their accounts.
  '--kube-api-qps=300',
  '--kube-api-burst=400',
  '--bind-address=127.0.0.1',
  `--secure-port=${options.port}`,
];

/** Audit policy that notes who asked for what, without contents. */
export const auditPolicy = `${JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
})}\n`;
