import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Copies the logs in a folder to another one, which holds nothing else afterwards. */
export async function keepLogs(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith('.log'));
  for (const name of names) await copyFile(join(from, name), join(to, name));
}
