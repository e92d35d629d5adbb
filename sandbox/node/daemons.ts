import type { FoundPart } from '../parts/part.ts';
import { apiServerArguments, type ClusterKeys, controllerManagerArguments, etcdArguments } from '../control-plane.ts';
import { type NodeLayout, nodeName, nodeNetwork } from './layout.ts';

/** Command lines of the node's daemons. */
export type Daemons = Readonly<Record<DaemonName, readonly string[]>>;

/** Daemons of the node, in the order in which they are started. */
export const daemonNames = [
  'containerd',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;

export type DaemonName = (typeof daemonNames)[number];

/** What the command lines are made of. */
export interface DaemonOptions {
  readonly layout: NodeLayout;
  readonly keys: ClusterKeys;
  readonly parts: Readonly<Record<DaemonName, FoundPart>>;
}

/** The command line of every daemon. */
export function daemonsOf({ layout, keys, parts }: DaemonOptions): Daemons {
  const kubeconfig = (user: string): string => layout.path('kubeconfigs', user);
  const configuration = (file: string): string => `--config=${layout.path('configuration', file)}`;
  const manager = controllerManagerArguments({
    kubeconfig: kubeconfig('kube-controller-manager'),
    keys,
    port: 10257,
    serviceCidr: nodeNetwork.serviceCidr,
  });
  const etcd = etcdArguments({
    directory: layout.path('etcd'),
    clientPort: nodeNetwork.etcdPort,
    peerPort: nodeNetwork.etcdPeerPort,
  });
  const of = (name: DaemonName, ...args: readonly string[]): string[] => [parts[name].path, ...args];
  return {
    containerd: of('containerd', configuration('containerd.toml')),
    etcd: of('etcd', ...etcd),
    'kube-apiserver': of('kube-apiserver', ...apiServer(keys)),
    'kube-controller-manager': of('kube-controller-manager', ...manager, ...managerOfNodes),
    'kube-scheduler': of(
      'kube-scheduler',
      `--kubeconfig=${kubeconfig('kube-scheduler')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ),
    kubelet: of(
      'kubelet',
      configuration('kubelet.json'),
      `--kubeconfig=${kubeconfig('kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${nodeNetwork.nodeAddress}`,
      `--root-dir=${layout.path('kubelet')}`,
      `--cert-dir=${layout.path('keys', 'kubelet')}`,
    ),
    'kube-proxy': of('kube-proxy', configuration('kube-proxy.json')),
  };
}

/** A node that has become ready is free for pods a second later instead of five. */
const managerOfNodes = [`--cluster-cidr=${nodeNetwork.podCidr}`, '--node-monitor-period=1s'];

const apiServer = (keys: ClusterKeys): string[] => [
  ...apiServerArguments({
    etcdPort: nodeNetwork.etcdPort,
    port: nodeNetwork.apiPort,
    bindAddress: '0.0.0.0',
    advertiseAddress: nodeNetwork.nodeAddress,
    serviceCidr: nodeNetwork.serviceCidr,
    authorization: 'Node,RBAC',
    keys,
  }),
  '--enable-admission-plugins=NodeRestriction',
  `--kubelet-client-certificate=${keys.file('apiserver-to-kubelet.crt')}`,
  `--kubelet-client-key=${keys.file('apiserver-to-kubelet.key')}`,
  '--kubelet-preferred-address-types=InternalIP',
  `--requestheader-client-ca-file=${keys.file('ca.crt')}`,
  '--requestheader-allowed-names=front-proxy',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  `--proxy-client-cert-file=${keys.file('front-proxy.crt')}`,
  `--proxy-client-key-file=${keys.file('front-proxy.key')}`,
  '--enable-aggregator-routing=true',
];
