import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { ensureUnit } from '../parts/unit.ts';
import { layerEntries } from './entries.ts';
import type { ImageFile, LayerEntry } from './file.ts';

/** A layer that lies in the cache as an archive. */
export interface Layer {
  readonly file: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** `sha256:…` of the archive. */
  readonly digest: string;
}

/**
 * A layer with these files, from the cache when nothing about them has changed since it was written.
 * @param directory folder of the cached layers.
 */
export async function buildLayer(files: readonly ImageFile[], directory: string): Promise<Layer> {
  const entries = await layerEntries(files);
  const fingerprint = createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 24);
  const unit = join(directory, fingerprint);
  const fill = async (empty: string): Promise<void> =>
    writeFile(join(empty, 'sha256'), await writeLayer(entries, join(empty, 'layer.tar')));
  await ensureUnit({ directory: unit, fill });
  const now = new Date();
  await utimes(unit, now, now); // for `pruneLayers`
  const file = join(unit, 'layer.tar');
  const [digest, { size }] = await Promise.all([readFile(join(unit, 'sha256'), 'utf8'), stat(file)]);
  return { file, size, digest: `sha256:${digest}` };
}

const keptMilliseconds = 7 * 24 * 3600 * 1000;

/** Removes layers that no image was made of for a week. */
export async function pruneLayers(directory: string, now: Date = new Date()): Promise<void> {
  for (const name of await readdir(directory)) {
    const unit = join(directory, name);
    const { mtimeMs } = await stat(unit);
    if (now.getTime() - mtimeMs > keptMilliseconds) await rm(unit, { recursive: true, force: true });
  }
}

/** Writes entries as a tar archive and returns its SHA-256. Owners and times are zero: the same bytes every time. */
export async function writeLayer(entries: readonly LayerEntry[], file: string): Promise<string> {
  const tar = pack();
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const writing = pipeline(tar, hashing, createWriteStream(file));
  const adding = addAll(tar, entries);
  await Promise.all([writing, adding]);
  return hash.digest('hex');
}

async function addAll(tar: Pack, entries: readonly LayerEntry[]): Promise<void> {
  for (const entry of entries) await add(tar, entry);
  tar.finalize();
}

function add(tar: Pack, entry: LayerEntry): Promise<void> {
  switch (entry.kind) {
    case 'directory':
      return addWhole(tar, { name: `${entry.path}/`, type: 'directory', mode: entry.mode });
    case 'link':
      return addWhole(tar, { name: entry.path, type: 'symlink', linkname: entry.target, mode: 0o777 });
    case 'text':
      return addWhole(tar, { name: entry.path, mode: 0o644 }, entry.text);
    case 'file':
      return addFile(tar, { name: entry.path, mode: entry.mode, size: entry.size }, entry.from);
  }
}

/** The name of an entry and what else of its header is not zero. */
type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

const stamped = (header: EntryHeader): EntryHeader => ({ uid: 0, gid: 0, mtime: new Date(0), ...header });

/** Adds an entry whose contents are at hand. */
export function addWhole(tar: Pack, header: EntryHeader, contents = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(stamped(header), contents, (error) => (error ? reject(error) : resolve()));
  });
}

/** Adds a file of this machine; fails when it changes its size meanwhile. */
export async function addFile(tar: Pack, header: EntryHeader, from: string): Promise<void> {
  try {
    await pipeline(createReadStream(from), tar.entry(stamped(header)));
  } catch (error) {
    throw new Error(`image: could not pack ${from}; if a build is writing it, start again when that is done`, {
      cause: error,
    });
  }
}
