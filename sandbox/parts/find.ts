import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxEnvironment } from '../environment.ts';
import { run } from '../run.ts';
import type { FoundPart, Part } from './part.ts';

/** A place where ready-made programs are looked for. */
export interface Finder {
  /**
   * The part, if it is there in a fitting version.
   * @param reject called with the reason when something is there that does not fit.
   */
  find(part: Part, reject: (reason: string) => void): Promise<FoundPart | undefined>;
}

/** The variable that names the program of a part, e.g. `AVIARY_PART_KUBE_APISERVER`. */
export const variableOf = (part: Part): string => `AVIARY_PART_${part.name.toUpperCase().replaceAll('-', '_')}`;

/** Ready-made programs in the order in which they win: the part's variable, `KUBEBUILDER_ASSETS`, `PATH`. */
export const createFinders = (environment: SandboxEnvironment): readonly Finder[] => [
  createVariableFinder(environment),
  createAssetsFinder(environment),
  createPathFinder(environment),
];

function createVariableFinder({ variables }: SandboxEnvironment): Finder {
  return {
    find: async (part) => {
      const path = variables[variableOf(part)];
      if (path === undefined) return undefined;
      if (!(await isProgram(path))) throw new Error(`${variableOf(part)}: expected a program, got '${path}'`);
      return foundAt(part, path, variableOf(part));
    },
  };
}

const assetParts = new Set(['etcd', 'kube-apiserver', 'kubectl']);

function createAssetsFinder({ assets }: SandboxEnvironment): Finder {
  return {
    find: async (part, reject) => {
      if (assets === undefined || !assetParts.has(part.name)) return undefined;
      return fitting(foundAt(part, join(assets, part.program), 'KUBEBUILDER_ASSETS'), part, reject);
    },
  };
}

function createPathFinder({ searchPath }: SandboxEnvironment): Finder {
  return {
    find: async (part, reject) => {
      for (const folder of [...searchPath, ...(part.alsoIn ?? [])]) {
        const found = await fitting(foundAt(part, join(folder, part.program), 'PATH'), part, reject);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

const foundAt = (part: Part, path: string, origin: string): FoundPart => ({
  name: part.name,
  path,
  program: path,
  libraries: [],
  origin,
});

async function fitting(found: FoundPart, part: Part, reject: (reason: string) => void): Promise<FoundPart | undefined> {
  if (!(await isProgram(found.path))) return undefined;
  const beside = (part.beside ?? []).map((name) => join(found.path, '..', name));
  const absent = await asyncFind(beside, async (path) => !(await isProgram(path)));
  if (absent !== undefined) {
    reject(`${found.path}: expected ${absent} beside it`);
    return undefined;
  }
  const wrongVersion = await versionProblem(found, part);
  if (wrongVersion !== undefined) reject(wrongVersion);
  return wrongVersion === undefined ? found : undefined;
}

async function versionProblem(found: FoundPart, part: Part): Promise<string | undefined> {
  if (part.version === undefined) return undefined;
  const { stdout, stderr } = await run({ argv: [found.path, ...part.version.args], seconds: 20 });
  const said = `${stdout}${stderr}`;
  if (part.version.pattern.test(said)) return undefined;
  return `${found.path}: expected ${part.version.expected}, got '${said.trim().split('\n')[0] ?? ''}'`;
}

async function asyncFind<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
