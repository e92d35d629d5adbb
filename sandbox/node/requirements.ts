import { platform } from 'node:os';

/**
 * Says what full mode needs and this process lacks.
 * @throws Error naming what is missing and the ways out.
 */
export function requireFullMode(uid: number | undefined = process.getuid?.()): void {
  if (platform() !== 'linux') {
    throw new Error(`full mode: expected Linux (namespaces, control groups), got ${platform()}`);
  }
  if (uid === 0) return;
  throw new Error(`full mode: expected root, got user ${uid ?? 'unknown'}.
  A node makes namespaces, overlay mounts and control groups, and the kubelet writes the settings of its kernel.
  What would help: run it by sudo, or inside a privileged container; light mode needs no root.`);
}
