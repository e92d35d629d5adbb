import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { withLock } from '../parts/lock.ts';
import { isRunning, signal } from '../process-table.ts';
import { waitFor } from '../wait.ts';
import { removeGroups } from './cgroup.ts';
import type { NodeLayout } from './layout.ts';
import { findInit } from './namespaces.ts';

/** Name of the lock under which a node is brought up and ended. */
export const lockOf = (layout: NodeLayout): string => `node ${layout.directory}`;

/** Ends a node and removes what it has left on the machine; harmless when there is none. */
export const stopNode = (layout: NodeLayout): Promise<void> => withLock(lockOf(layout), () => stop(layout));

async function stop(layout: NodeLayout): Promise<void> {
  const init = await findInit(layout);
  if (init !== undefined) {
    // With the first process of a pid namespace the kernel ends all others, and with the last of them their mounts,
    // addresses and rules.
    signal(init, 'SIGKILL');
    await waitFor({
      what: `process ${init.pid} to end`,
      seconds: 20,
      look: () => (isRunning(init) ? undefined : true),
    });
  }
  await removeGroups(layout.cgroup);
  await removeMadeFolder(layout);
  await rm(layout.directory, { recursive: true, force: true, maxRetries: 10 });
}

/** Removes the mount point that this node made, unless another node mounts over it by now. */
async function removeMadeFolder(layout: NodeLayout): Promise<void> {
  const made = await readFile(layout.path('made-folder'), 'utf8').catch(() => undefined);
  if (made === undefined || (await isMountedAnywhere(made))) return;
  await rmdir(made).catch(() => {}); // it may hold something that is not ours
}

/** Removing a folder would silently take away mounts over it in other mount namespaces. */
async function isMountedAnywhere(path: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const tables = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '')));
  return tables.some((table) => table.includes(` ${path} `));
}
