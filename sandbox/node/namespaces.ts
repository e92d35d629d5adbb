import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isRunning, type ProcessIdentity } from '../process-table.ts';
import { lastLines } from '../run.ts';
import { waitFor } from '../wait.ts';
import { createGroups } from './cgroup.ts';
import { renderResolver } from './configuration.ts';
import { machineSysctls, privateFolders, renderInitScript, sysctlFile } from './init-script.ts';
import type { NodeLayout } from './layout.ts';

/** The process that holds the node's namespaces, if the node is up. Its end is the end of everything in the node. */
export async function findInit(layout: NodeLayout): Promise<ProcessIdentity | undefined> {
  const text = await readFile(layout.path('init.pid'), 'utf8').catch(() => '');
  const [pid = 0, started = 0] = text.trim().split(' ').map(Number);
  const identity = { pid, started };
  return pid > 1 && isRunning(identity) ? identity : undefined;
}

/** Programs that make the namespaces. */
export interface NamespaceOptions {
  readonly layout: NodeLayout;
  readonly busybox: string;
  readonly pause: string;
  /** Folders of the node that lie in memory. */
  readonly memoryFolders: readonly string[];
}

/**
 * Makes namespaces (network, mounts, processes, IPC, host name) with the node's mounts and addresses in them.
 * @throws Error with what the first process said when this machine does not let us.
 */
export async function createNamespaces(options: NamespaceOptions): Promise<ProcessIdentity> {
  const { layout, busybox } = options;
  await makeFolders(layout);
  const sysctls = await copySysctls(layout);
  const groups = await createGroups(layout.cgroup);
  const { directory } = layout;
  const script = renderInitScript({ ...options, directory, cgroups: groups.daemons, sysctls });
  const logFile = layout.path('log', 'init.log');
  const log = openSync(logFile, 'w');
  const unshare = ['unshare', '-n', '-m', '-p', '-i', '-u', '-f', '--propagation', 'slave'];
  const child = spawn(busybox, [...unshare, busybox, 'sh', '-c', script], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code) => (failure = `exit code ${code}`));
  child.unref();
  return waitFor({
    what: 'namespaces of the node',
    seconds: 10,
    every: 10,
    look: async () => {
      if (failure === undefined) return findInit(layout);
      throw new Error(`namespaces of the node: ${failure}: ${lastLines(await readFile(logFile, 'utf8'), 5)}`);
    },
  });
}

async function makeFolders(layout: NodeLayout): Promise<void> {
  const own = ['log', 'pids', 'images', 'sysctl', 'cni', 'containerd', 'kubelet', 'volume-plugins'];
  for (const name of [...own, ...Object.values(privateFolders)]) await mkdir(layout.path(name), { recursive: true });
  for (const point of Object.keys(privateFolders)) {
    const made = await mkdir(point, { recursive: true });
    if (made !== undefined) await writeFile(layout.path('made-folder'), made);
  }
  await writeFile(layout.path('resolv.conf'), renderResolver());
  await writeFile(layout.path('no-resolv.conf'), '');
}

async function copySysctls(layout: NodeLayout): Promise<string[]> {
  const copied = machineSysctls.map(async (name) => {
    const value = await readFile(`/proc/sys/${name}`, 'utf8').catch(() => undefined);
    if (value === undefined) return [];
    await writeFile(layout.path('sysctl', sysctlFile(name)), value);
    return [name];
  });
  return (await Promise.all(copied)).flat();
}
