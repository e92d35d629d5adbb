import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withLock } from './lock.ts';

/** A folder of the cache that is either whole or not there. */
export interface Unit {
  readonly directory: string;
  /** Fills an empty folder; what it leaves there becomes the unit. */
  readonly fill: (empty: string) => Promise<void>;
  /** Called when another process fills the same unit and this one waits. */
  readonly onWait?: () => void;
}

/**
 * Makes sure that a unit is there. It is filled under another name and renamed when it is whole, under a lock, so an
 * interrupted start leaves no half unit and two starts do the work once.
 */
export async function ensureUnit(unit: Unit): Promise<void> {
  if (existsSync(unit.directory)) return;
  await mkdir(dirname(unit.directory), { recursive: true });
  await withLock(unit.directory, () => fillUnit(unit), unit.onWait);
}

async function fillUnit({ directory, fill }: Unit): Promise<void> {
  if (existsSync(directory)) return;
  await removeLeftovers(directory);
  const empty = `${directory}.new-${process.pid}`;
  await mkdir(empty);
  try {
    await fill(empty);
    await rename(empty, directory);
  } catch (error) {
    await rm(empty, { recursive: true, force: true });
    throw error;
  }
}

/** Only the holder of the lock fills, so whatever else lies there belongs to a start that was interrupted. */
async function removeLeftovers(directory: string): Promise<void> {
  const prefix = `${basename(directory)}.new-`;
  const names = await readdir(dirname(directory));
  const leftovers = names.filter((name) => name.startsWith(prefix));
  await Promise.all(leftovers.map((name) => rm(join(dirname(directory), name), { recursive: true, force: true })));
}
