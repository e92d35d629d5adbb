import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runOrThrow } from '../run.ts';
import { missingLibraries } from './libraries.ts';
import type { Obtainer, ObtainerOptions } from './obtain.ts';
import type { DebianWay, FoundPart, Part } from './part.ts';
import { ensureUnit } from './unit.ts';

const libraryFolders = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib'];

/** Parts from Debian packages, unpacked into the cache by an ordinary user. */
export function createDebianObtainer({ environment, progress }: ObtainerOptions): Obtainer<DebianWay> {
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
    const unpack = async (packages: readonly string[]): Promise<void> =>
      unpackPackages({ packages, directory, state: join(environment.cache, 'apt') });
    await progress.during(`${part.name}: unpacking ${describe(way)}`, async () => {
      await unpack(way.packages);
      const missing = await missingLibraries(join(directory, way.program));
      if (missing.length === 0) return;
      await unpack(await librariesOf(way.packages));
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

interface Unpacking {
  readonly packages: readonly string[];
  readonly directory: string;
  /** Folder for package lists of our own, used where the machine's are empty or too old. */
  readonly state: string;
}

async function unpackPackages({ packages, directory, state }: Unpacking): Promise<void> {
  const downloads = join(directory, 'downloads');
  await mkdir(downloads, { recursive: true });
  const ownLists = [`-oDir::State::Lists=${state}/lists`, `-oDir::Cache=${state}/cache`, '-oDebug::NoLocking=1'];
  const download = (options: readonly string[]) =>
    run({ argv: ['apt-get', ...options, 'download', ...packages], cwd: downloads, seconds: 300 });
  const first = await download([]);
  if (first.code !== 0) {
    await mkdir(`${state}/lists/partial`, { recursive: true });
    await mkdir(`${state}/cache/archives/partial`, { recursive: true });
    await runOrThrow({ argv: ['apt-get', ...ownLists, '-qq', 'update'], seconds: 300 });
    await runOrThrow({ argv: ['apt-get', ...ownLists, 'download', ...packages], cwd: downloads, seconds: 300 });
  }
  for (const file of await readdir(downloads)) {
    await runOrThrow({ argv: ['dpkg-deb', '-x', join(downloads, file), directory] });
  }
  await rm(downloads, { recursive: true });
}

/** Names of the library packages that `packages` stand on; the C library always is the machine's own. */
async function librariesOf(packages: readonly string[]): Promise<string[]> {
  const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const listed = await runOrThrow({ argv: ['apt-cache', 'depends', '--recurse', ...only, ...packages], seconds: 60 });
  const names = listed.split('\n').filter((line) => /^lib[\w.+-]+$/.test(line));
  return [...new Set(names)].filter((name) => !/^libc(6|-bin|-l10n)$/.test(name));
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
