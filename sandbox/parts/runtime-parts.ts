import type { Part } from './part.ts';
import { architecture, github, release } from './release.ts';

const cniArchive = `cni-plugins-linux-${architecture}-v1.8.0.tgz`;
const containerdArchive = `containerd-1.7.29-linux-${architecture}.tar.gz`;
const corednsArchive = `coredns_1.14.7_linux_${architecture}.tgz`;

/** What runs pods and gives them a network. */
export const runtimeParts: readonly Part[] = [
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
