import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.ts';
import { createApt } from './apt.ts';
import { missingLibraries } from './libraries.ts';
import type { Obtainer, ObtainerOptions } from './obtainer.ts';
import type { DebianWay, FoundPart, Part } from './part.ts';
import { ensureUnit } from './unit.ts';

const libraryFolders = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib'];

/** Parts from Debian packages, unpacked into the cache by an ordinary user. */
export function createDebianObtainer({ environment, progress }: ObtainerOptions): Obtainer<DebianWay> {
  const apt = createApt(join(environment.cache, 'apt'));
  const directoryOf = (part: Part): string => join(environment.cache, 'debian', part.name);
  const describe = (way: DebianWay): string => `Debian packages ${way.packages.join(', ')}`;
  const found = (part: Part, way: DebianWay): FoundPart | undefined => {
    const directory = directoryOf(part);
    const program = join(directory, way.program);
    if (!existsSync(program)) return undefined;
    const wrapper = join(directory, 'wrapped', part.program);
    const libraries = libraryFolders.map((folder) => join(directory, folder)).filter((folder) => existsSync(folder));
    const path = existsSync(wrapper) ? wrapper : program;
    return { name: part.name, path, program, libraries, origin: describe(way) };
  };
  const fill = async (part: Part, way: DebianWay, directory: string): Promise<void> => {
    await progress.during(`${part.name}: unpacking ${describe(way)}`, async () => {
      await apt.unpack(way.packages, directory);
      const missing = await missingLibraries(join(directory, way.program));
      if (missing.length === 0) return;
      await apt.unpack(await apt.librariesOf(way.packages), directory);
      await writeWrapper({ directory, part, way, final: directoryOf(part) });
    });
  };
  return {
    describe,
    cached: async (part, way) => found(part, way),
    obtain: async (part, way) => {
      await requireTools();
      await ensureUnit({ directory: directoryOf(part), fill: (empty) => fill(part, way, empty) });
      const result = found(part, way);
      if (result === undefined) throw new Error(`${describe(way)}: expected ${way.program} inside, found none`);
      return result;
    },
  };
}

async function requireTools(): Promise<void> {
  const apt = await run({ argv: ['apt-get', '--version'], seconds: 10 });
  if (apt.code !== 0) throw new Error('needs apt-get and dpkg-deb: this is no Debian or Ubuntu');
}

interface Wrapper {
  readonly directory: string;
  readonly final: string;
  readonly part: Part;
  readonly way: DebianWay;
}

/** A script of the part's own name that sets the library path; `exec` keeps the pid the caller knows. */
async function writeWrapper({ directory, final, part, way }: Wrapper): Promise<void> {
  const folders = libraryFolders.filter((folder) => existsSync(join(directory, folder)));
  const path = folders.map((folder) => join(final, folder)).join(':');
  const program = join(final, way.program);
  const text = `#!/bin/sh
export LD_LIBRARY_PATH="${path}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "${program}" "$@"
`;
  await mkdir(join(directory, 'wrapped'), { recursive: true });
  const file = join(directory, 'wrapped', part.program);
  await writeFile(file, text);
  await chmod(file, 0o755);
}
