import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isApiReady } from '../api-probe.ts';
import type { ClusterKeys } from '../control-plane.ts';
import type { FoundPart } from '../parts/part.ts';
import type { Progress } from '../progress.ts';
import { isRunning, type ProcessIdentity } from '../process-table.ts';
import { lastLines, run, runOrThrow } from '../run.ts';
import { waitFor } from '../wait.ts';
import { createGroups } from './cgroup.ts';
import { containerdSocket, renderCni, renderContainerd, renderKubelet, renderProxy } from './configuration.ts';
import { ensureKeys, writeKubeconfig } from './control.ts';
import { corednsObjects } from './coredns.ts';
import { type DaemonName, daemonsOf } from './daemons.ts';
import { createInside, type Inside } from './inside.ts';
import { type NodeLayout, nodeName, nodeNetwork } from './layout.ts';
import { createNamespaces, findInit } from './namespaces.ts';
import { createRelay } from './relay.ts';
import { chooseStorage } from './storage.ts';

/** What the node is brought up with. */
export interface BringUpOptions {
  readonly layout: NodeLayout;
  readonly parts: Readonly<Record<NodePart, FoundPart>>;
  readonly progress: Progress;
  /** Brings the images of the node itself into containerd. */
  readonly importImages: (inside: Inside) => Promise<void>;
}

type NodePart = DaemonName | 'kubectl' | 'runc' | 'cni-plugins' | 'pause' | 'busybox' | 'nft';

const readySeconds = 90;

/** Brings a node up, from nothing or from wherever an earlier start was interrupted. */
export async function bringUp({ layout, parts, progress, importImages }: BringUpOptions): Promise<Inside> {
  const found = await findInit(layout);
  const init = found ?? (await createNode(layout, parts));
  const keys = await ensureKeys(layout);
  const { busybox } = parts;
  const { daemons: cgroups } = await createGroups(layout.cgroup);
  const inside = createInside({ layout, init, busybox: busybox.path, cgroups });
  const daemons = daemonsOf({ layout, keys, parts });
  const start = (name: DaemonName): Promise<void> => inside.daemon(name, daemons[name]);
  const readiness = createReadiness(layout);
  const apiUrl = await ensureDoor({ layout, inside, keys });

  await Promise.all([start('etcd'), start('containerd')]);
  const control = async (): Promise<void> => {
    await readiness.daemon('etcd', () => inside.isListening(nodeNetwork.etcdPort));
    await start('kube-apiserver');
    const probe = { url: apiUrl, authority: await keys.authority(), ...(await keys.pair('admin')) };
    await readiness.daemon('kube-apiserver', () => isApiReady(probe));
    progress.say('API server ready');
    await Promise.all([start('kube-controller-manager'), start('kube-scheduler'), start('kube-proxy')]);
  };
  const runtime = async (): Promise<void> => {
    await readiness.daemon('containerd', () => inside.has(containerdSocket));
    await importImages(inside);
  };
  await Promise.all([control(), runtime()]);
  await start('kubelet');
  await installDns(layout);
  await readiness.object(['node', nodeName], 'condition=Ready');
  progress.say('node Ready');
  await readiness.object(['-n', 'kube-system', 'deployment', 'coredns'], 'condition=Available');
  progress.say('names of Services answer');
  return inside;
}

/** Starts from an empty folder: what a node that is gone has left cannot be taken over. */
async function createNode(layout: NodeLayout, parts: BringUpOptions['parts']): Promise<ProcessIdentity> {
  await rm(layout.directory, { recursive: true, force: true, maxRetries: 5 });
  for (const name of ['configuration', 'bin', 'applets', 'home', 'cni']) {
    await mkdir(layout.path(name), { recursive: true });
  }
  const { snapshotter, isInMemory } = await chooseStorage(layout.directory);
  const configuration = {
    'containerd.toml': renderContainerd({ layout, runc: parts.runc, cniPlugins: parts['cni-plugins'], snapshotter }),
    'kubelet.json': renderKubelet(layout),
    'kube-proxy.json': renderProxy(layout),
  };
  for (const [name, text] of Object.entries(configuration)) await writeFile(layout.path('configuration', name), text);
  await writeFile(layout.path('cni', '10-aviary.conflist'), renderCni());
  await writeFile(layout.path('snapshotter'), snapshotter);
  await linkPrograms(layout, parts);
  const memoryFolders = isInMemory ? ['containerd'] : [];
  return createNamespaces({ layout, busybox: parts.busybox.path, pause: parts.pause.path, memoryFolders });
}

/** Programs that daemons call by name, and busybox for those that the machine lacks. */
async function linkPrograms(layout: NodeLayout, { containerd, kubectl, nft, busybox }: BringUpOptions['parts']) {
  const beside = (name: string): string => join(containerd.path, '..', name);
  const programs = {
    kubectl: kubectl.path,
    nft: nft.path,
    busybox: busybox.path,
    ctr: beside('ctr'),
    'containerd-shim-runc-v2': beside('containerd-shim-runc-v2'),
  };
  for (const [name, path] of Object.entries(programs)) await symlink(path, layout.path('bin', name));
  for (const name of ['mount', 'umount', 'ip', 'nsenter', 'ps', 'wget', 'nslookup']) {
    await symlink(busybox.path, layout.path('applets', name));
  }
}

/** The loopback port of this machine at which the API server answers. */
export interface Door extends ProcessIdentity {
  readonly port: number;
}

/** The door of a node that is up. */
export async function readDoor(layout: NodeLayout): Promise<Door | undefined> {
  const text = await readFile(layout.path('door.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Door);
}

interface DoorOptions {
  readonly layout: NodeLayout;
  readonly inside: Inside;
  readonly keys: ClusterKeys;
}

/** Makes the API server reachable from the machine, and writes the kubeconfig for it. Returns its address. */
async function ensureDoor({ layout, inside, keys }: DoorOptions): Promise<string> {
  const before = await readDoor(layout);
  const addressOf = (port: number): string => `https://127.0.0.1:${port}`;
  if (before !== undefined && isRunning(before)) return addressOf(before.port);
  const relay = createRelay({ inside, logFile: layout.path('log', 'door.log'), stays: true });
  const { port } = await relay.forward({
    host: '127.0.0.1',
    port: nodeNetwork.apiPort,
    ...(before === undefined ? {} : { localPort: before.port }),
  });
  relay.release();
  await writeKubeconfig({ keys, user: 'admin', server: addressOf(port), file: layout.path('kubeconfig') });
  await writeFile(layout.path('door.json'), JSON.stringify({ ...relay.identity, port }));
  return addressOf(port);
}

async function installDns(layout: NodeLayout): Promise<void> {
  const kubectl = [layout.path('bin', 'kubectl'), '--kubeconfig', layout.path('kubeconfig')] as const;
  await runOrThrow({ argv: [...kubectl, 'apply', '--server-side', '-f', '-'], stdin: corednsObjects(), seconds: 60 });
}

interface Readiness {
  daemon(name: DaemonName, isReady: () => Promise<boolean> | boolean): Promise<void>;
  /** Waits for a condition of an object, as `kubectl wait` names it. */
  object(target: readonly string[], condition: string): Promise<void>;
}

function createReadiness(layout: NodeLayout): Readiness {
  const explain = async (name: string): Promise<string> => {
    const file = layout.path('log', `${name}.log`);
    return `${file}:\n${lastLines(await readFile(file, 'utf8'), 12)}`;
  };
  return {
    daemon: async (name, isReady) => {
      const look = async (): Promise<true | undefined> => ((await isReady()) ? true : undefined);
      await waitFor({ what: name, seconds: readySeconds, look, explain: () => explain(name) });
    },
    object: async (target, condition) => {
      const kubectl = [layout.path('bin', 'kubectl'), '--kubeconfig', layout.path('kubeconfig')] as const;
      const wait = ['wait', ...target, `--for=${condition}`, `--timeout=${readySeconds}s`];
      const look = async (): Promise<true | undefined> => {
        const { code, stderr } = await run({ argv: [...kubectl, ...wait], seconds: readySeconds + 10 });
        if (code === 0) return true;
        if (/not found/i.test(stderr)) return undefined; // it has not been made yet
        throw new Error(
          `${target.join(' ')}: expected ${condition}, got: ${stderr.trim()}\n${await explain('kubelet')}`,
        );
      };
      await waitFor({
        what: target.join(' '),
        seconds: readySeconds,
        every: 100,
        look,
        explain: () => explain('kubelet'),
      });
    },
  };
}
