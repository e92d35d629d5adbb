import { dirname } from 'node:path';
import type { FoundPart } from '../parts/part.ts';
import { type NodeLayout, nodeName, nodeNetwork } from './layout.ts';

/** Image of the first process of every pod. */
const pauseImage = 'sandbox.local/pause:1';

/** Socket of containerd inside the node. */
export const containerdSocket = '/run/containerd/containerd.sock';

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** What containerd's configuration depends on. */
export interface ContainerdOptions {
  readonly layout: NodeLayout;
  readonly runc: FoundPart;
  readonly cniPlugins: FoundPart;
  /** `overlayfs`, or `native` where the node's folder itself lies on an overlay. */
  readonly snapshotter: string;
}

/** Configuration of containerd. */
export function renderContainerd({ layout, runc, cniPlugins, snapshotter }: ContainerdOptions): string {
  const text = JSON.stringify; // a JSON string is a TOML basic string
  return `version = 2
root = ${text(layout.path('containerd'))}
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = ${text(containerdSocket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  stream_server_address = "127.0.0.1"
  disable_apparmor = true
  # The node may not lower oom_score_adj below what it was started with; runc dies when told to.
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(dirname(cniPlugins.path))}
    conf_dir = ${text(layout.path('cni'))}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${text(snapshotter)}
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = ${text(runc.path)}
        SystemdCgroup = false
`;
}

/** Network of the pods: a point-to-point link each; on one node no more is needed. */
export const renderCni = (): string =>
  json({
    cniVersion: '0.4.0',
    name: 'aviary',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        mtu: 1500,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni-addresses',
          ranges: [[{ subnet: nodeNetwork.podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  });

/** Configuration of the kubelet. */
export const renderKubelet = (layout: NodeLayout): string =>
  json({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${layout.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [nodeNetwork.dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: layout.path('no-resolv.conf'),
    podLogsDir: '/var/log/pods',
    volumePluginDir: layout.path('volume-plugins'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: layout.path('keys', 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    // There is no registry to pull from again: an image that is collected is lost.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'nodefs.inodesFree': '1%',
      'imagefs.available': '1%',
    },
    registerWithTaints: [],
    maxPods: 110,
    readOnlyPort: 0,
    nodeStatusUpdateFrequency: '10s',
  });

/** Configuration of kube-proxy. */
export const renderProxy = (layout: NodeLayout): string =>
  json({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: nodeNetwork.podCidr,
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig: layout.path('kubeconfigs', 'kube-proxy') },
    // Connection tracking is set for the whole machine only: zero leaves it alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nodePortAddresses: [`${nodeNetwork.nodeAddress}/32`],
  });

/** Resolver of what runs on the node outside pods (`enter`, forwarded ports): names of Services work there too. */
export const renderResolver = (): string =>
  `nameserver ${nodeNetwork.dnsAddress}\nsearch svc.cluster.local cluster.local\noptions ndots:5 timeout:2 attempts:2\n`;
