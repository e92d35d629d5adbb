import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../wait.ts';

const root = '/sys/fs/cgroup';

/** The control groups of a node: one in version 2, one for each controller in version 1. */
export interface NodeGroups {
  /** Groups that the node's daemons join. */
  readonly daemons: readonly string[];
}

/**
 * Makes the groups of a node; those that are there already stay.
 * @throws Error when this machine does not let us.
 */
export async function createGroups(name: string): Promise<NodeGroups> {
  try {
    return existsSync(join(root, 'cgroup.controllers')) ? await createUnified(name) : await createPerController(name);
  } catch (error) {
    throw new Error(`control groups below ${root}: expected to be allowed to make '${name}'; run as root`, {
      cause: error,
    });
  }
}

/** In version 2 no process may sit in a group with children under control: the daemons get a leaf of their own. */
async function createUnified(name: string): Promise<NodeGroups> {
  const group = join(root, name);
  const leaf = join(group, 'daemons');
  await mkdir(leaf, { recursive: true });
  for (const above of [root, group]) await enableControllers(above);
  return { daemons: [leaf] };
}

async function enableControllers(group: string): Promise<void> {
  const available = (await readFile(join(group, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  for (const controller of available) {
    // A controller that is busy elsewhere cannot be enabled; the kubelet names those that it misses.
    await writeFile(join(group, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
  }
}

async function createPerController(name: string): Promise<NodeGroups> {
  const daemons: string[] = [];
  for (const hierarchy of await hierarchies()) {
    const group = join(hierarchy, name);
    await mkdir(group, { recursive: true });
    await inheritProcessors(hierarchy, group);
    daemons.push(group);
  }
  return { daemons };
}

/** A new cpuset group has no processors and no memory until it is given some, and takes no process before. */
async function inheritProcessors(hierarchy: string, group: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (!existsSync(join(hierarchy, file))) continue;
    await writeFile(join(group, file), await readFile(join(hierarchy, file), 'utf8'));
  }
}

async function hierarchies(): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'unified');
  return folders.map((entry) => join(root, entry.name)).filter((path) => existsSync(join(path, 'cgroup.procs')));
}

/** Removes the groups of a node and all below them, once their processes have ended. */
export async function removeGroups(name: string): Promise<void> {
  // Where both versions are mounted, the runtime makes groups in version 2's tree as well.
  const tops = existsSync(join(root, 'cgroup.controllers'))
    ? [root]
    : [...(await hierarchies()), join(root, 'unified')];
  for (const group of tops.map((top) => join(top, name))) {
    await waitFor({
      what: `control group ${group} to be removed`,
      seconds: 10,
      look: async () => ((await isRemoved(group)) ? true : undefined),
    });
  }
}

async function isRemoved(group: string): Promise<boolean> {
  if (!existsSync(group)) return true;
  const entries = await readdir(group, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await isRemoved(join(group, entry.name));
  return rmdir(group).then(
    () => true,
    () => false,
  );
}
