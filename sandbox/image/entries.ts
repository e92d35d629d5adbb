import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { sharedLibraries } from '../parts/libraries.ts';
import type { CopiedFile, ImageFile, LayerEntry, ProgramFile, SourceEntry } from './file.ts';

/** Folders that every container expects, with their modes. */
const standardFolders: Readonly<Record<string, number>> = {
  tmp: 0o1777,
  etc: 0o755,
  proc: 0o755,
  sys: 0o755,
  dev: 0o755,
};

/**
 * The entries of a layer, sorted, with every folder above them: the same for the same files.
 * @throws Error when two files want to be at one path with different contents.
 */
export async function layerEntries(files: readonly ImageFile[]): Promise<LayerEntry[]> {
  const groups = await Promise.all(files.map(entriesOf));
  const byPath = new Map<string, LayerEntry>();
  for (const entry of groups.flat()) byPath.set(entry.path, unite(byPath.get(entry.path), entry));
  for (const [path, mode] of Object.entries(standardFolders)) addFolder(byPath, path, mode);
  for (const path of Array.from(byPath.keys())) {
    for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) addFolder(byPath, above, 0o755);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function addFolder(byPath: Map<string, LayerEntry>, path: string, mode: number): void {
  if (!byPath.has(path)) byPath.set(path, { kind: 'directory', path, mode });
}

/** Programs share libraries: the same source twice is one entry. */
function unite(before: LayerEntry | undefined, entry: LayerEntry): LayerEntry {
  if (before === undefined || JSON.stringify(before) === JSON.stringify(entry)) return entry;
  throw new Error(`/${entry.path}: expected one source, got ${JSON.stringify(before)} and ${JSON.stringify(entry)}`);
}

async function entriesOf(file: ImageFile): Promise<LayerEntry[]> {
  const path = file.path.replace(/^\/+/, '');
  switch (file.kind) {
    case 'link':
      return [{ kind: 'link', path, target: file.target }];
    case 'text':
      return [{ kind: 'text', path, text: file.text }];
    case 'copy':
      return copied(file, path);
    case 'program':
      return programWithLibraries(file, path);
  }
}

async function copied({ from, without }: CopiedFile, path: string): Promise<LayerEntry[]> {
  if (!(await stat(from)).isDirectory()) return [await source(from, path)];
  const children = await readdir(from, { recursive: true, withFileTypes: true });
  const entries = children.map(async (child): Promise<LayerEntry[]> => {
    const on = join(child.parentPath, child.name);
    const inside = posix.join(path, posix.relative(from, on));
    if (child.isSymbolicLink()) return [{ kind: 'link', path: inside, target: await readlink(on) }];
    return child.isFile() && without?.test(child.name) !== true ? [await source(on, inside)] : [];
  });
  return (await Promise.all(entries)).flat();
}

async function programWithLibraries({ from, libraries }: ProgramFile, path: string): Promise<LayerEntry[]> {
  const needed = await sharedLibraries(from, libraries);
  const system = needed.find((library) => basename(library).startsWith('libc.')) ?? '/usr/lib/libc.so';
  const placed = needed.map((library) => {
    const isSystemPath = /^\/(usr\/)?lib(64)?\//.test(library);
    const inside = isSystemPath ? library : join(dirname(system), basename(library));
    return source(library, inside.slice(1));
  });
  return [await source(from, path), ...(await Promise.all(placed))];
}

async function source(from: string, path: string): Promise<SourceEntry> {
  const real = await realpath(from);
  const { mode, size, mtimeMs } = await stat(real);
  return { kind: 'file', path, from: real, mode: (mode & 0o777) | 0o444, size, modified: mtimeMs };
}
