import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { createWriteStream, existsSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { createDownloader, publishedChecksum } from './http.ts';
import type { Obtainer, ObtainerOptions } from './obtainer.ts';
import type { ArchiveWay, FoundPart, Part } from './part.ts';
import { ensureUnit } from './unit.ts';

/** Parts from the release files of their own projects. */
export function createArchiveObtainer({ environment, progress }: ObtainerOptions): Obtainer<ArchiveWay> {
  const downloader = createDownloader();
  const directoryOf = (way: ArchiveWay): string => {
    const digest = createHash('sha256').update(way.url).digest('hex').slice(0, 12);
    return join(environment.cache, 'archive', `${basename(way.url)}-${digest}`);
  };
  const describe = (way: ArchiveWay): string => `release file ${way.url}`;
  const found = (part: Part, way: ArchiveWay): FoundPart | undefined => {
    const path = join(directoryOf(way), part.program);
    if (!existsSync(path)) return undefined;
    return { name: part.name, path, program: path, libraries: [], origin: describe(way) };
  };
  const fill = async (part: Part, way: ArchiveWay, directory: string): Promise<void> => {
    const file = join(directory, 'download');
    const expected = publishedChecksum(await downloader.text(way.sha256Url), basename(way.url));
    const got = await progress.during(`${part.name}: downloading ${basename(way.url)}`, () =>
      downloader.file(way.url, file),
    );
    if (got !== expected) throw new Error(`${way.url}: expected SHA-256 ${expected}, got ${got}`);
    await place({ file, directory, program: part.program, way });
  };
  return {
    describe,
    cached: async (part, way) => found(part, way),
    obtain: async (part, way) => {
      const directory = directoryOf(way);
      await ensureUnit({ directory, fill: (empty) => fill(part, way, empty) });
      const result = found(part, way);
      if (result === undefined) throw new Error(`${way.url}: expected ${part.program} inside, found none`);
      return result;
    },
  };
}

interface Placement {
  readonly file: string;
  readonly directory: string;
  readonly program: string;
  readonly way: ArchiveWay;
}

async function place({ file, directory, program, way }: Placement): Promise<void> {
  if (way.folder === undefined) {
    await rename(file, join(directory, program));
    await chmod(join(directory, program), 0o755);
    return;
  }
  await unpack(file, way.folder, directory);
  await rm(file);
}

/** Takes the files of one folder out of a `.tar.gz`, without the folder's own path. */
async function unpack(file: string, folder: string, into: string): Promise<void> {
  const tar = extract();
  const reading = pipeline(createReadStream(file), createGunzip(), tar);
  for await (const entry of tar) {
    const relative = posix.relative(folder, posix.normalize(entry.header.name));
    const isWanted = entry.header.type === 'file' && !relative.startsWith('..');
    if (!isWanted) {
      entry.resume();
      continue;
    }
    const target = join(into, relative);
    await mkdir(join(target, '..'), { recursive: true });
    await pipeline(entry, createWriteStream(target, { mode: (entry.header.mode ?? 0o644) | 0o444 }));
  }
  await reading;
}
