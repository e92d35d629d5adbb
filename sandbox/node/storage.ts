import { readFile, statfs } from 'node:fs/promises';

/** Where containerd keeps images and containers. */
export interface ImageStorage {
  /** In memory: a node is thrown away as a whole, and its images come up in two thirds of the time. */
  readonly isInMemory: boolean;
  readonly snapshotter: 'overlayfs' | 'native';
}

const overlayMagic = 0x794c7630;
const plentyOfMemory = 8 * 1024 ** 3;

/** Storage that suits this machine, for a node in `directory`. */
export async function chooseStorage(directory: string): Promise<ImageStorage> {
  const [{ type }, memory] = await Promise.all([statfs(directory), readFile('/proc/meminfo', 'utf8')]);
  return storageFor(availableMemory(memory), type === overlayMagic);
}

/**
 * Memory where there is plenty of it; an overlay cannot lie on an overlay, so there and elsewhere on disk in copies.
 * @param available bytes.
 */
export function storageFor(available: number, isOnOverlay: boolean): ImageStorage {
  const isInMemory = available >= plentyOfMemory;
  return { isInMemory, snapshotter: isOnOverlay && !isInMemory ? 'native' : 'overlayfs' };
}

/** Bytes that `/proc/meminfo` calls available; 0 if it does not say. */
export function availableMemory(meminfo: string): number {
  const [, kibibytes = '0'] = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo) ?? [];
  return Number(kibibytes) * 1024;
}
