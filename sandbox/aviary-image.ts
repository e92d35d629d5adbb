import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageNodeArguments, imageVariables } from './dockerfile.ts';
import { projectDirectory } from './environment.ts';
import type { ImageDefinition } from './image/build.ts';
import type { CopiedFile, ImageFile } from './image/file.ts';

/** Name of the image of the project itself in the sandbox. */
const aviaryImageName = 'aviary:dev';

/** The same with the sandbox's own programs, for what stands around Aviary in a cluster of the sandbox. */
const aviarySandboxImageName = 'aviary-sandbox:dev';

/** Folders of the build output that no process of Aviary needs. */
const leftOut = new Set(['test', 'sandbox']);

/**
 * The project's image as its Dockerfile makes it (same user and folder; without tini before Node), from this machine's Node, the
 * installed production packages and the build output. What changes most lies in the last layer.
 * @param tools what the load tester's commands call.
 */
export function aviaryImage(tools: readonly ImageFile[]): ImageDefinition {
  const node: ImageFile = { kind: 'program', path: '/usr/local/bin/node', from: process.execPath };
  const lock = readFileSync(join(projectDirectory, 'package-lock.json'), 'utf8');
  const packages = productionPackages(lock).filter((path) => existsSync(join(projectDirectory, path)));
  const built = readdirSync(join(projectDirectory, 'out')).filter((name) => !leftOut.has(name));
  return {
    name: aviaryImageName,
    layers: [
      [...tools, node],
      packages.map((path) => ({ ...fromProject(path), without: notForRunning })),
      [...built.map((name) => fromProject(`out/${name}`)), fromProject('package.json')],
    ],
    entrypoint: ['node', ...imageNodeArguments()],
    cmd: ['out/worker/main.js'],
    workdir: '/app',
    user: '65532:65532',
    env: imageVariables(),
  };
}

const fromProject = (path: string): CopiedFile => ({
  kind: 'copy',
  path: `/app/${path}`,
  from: join(projectDirectory, path),
});

/** The project's image and one more layer: the sandbox's programs. */
export function aviarySandboxImage(tools: readonly ImageFile[]): ImageDefinition {
  const base = aviaryImage(tools);
  return { ...base, name: aviarySandboxImageName, layers: [...base.layers, [fromProject('out/sandbox')]] };
}

/** What a compiler or a reader wants of a package, and no running program. */
const notForRunning = /\.(d\.[cm]?ts|map|md|markdown)$/i;

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Folders of the packages that a package-lock (version 2 or 3) needs at run time, found from the root's dependencies. */
export function productionPackages(lock: string): string[] {
  const { packages } = JSON.parse(lock) as LockFile;
  const reached = new Set<string>();
  const open = [''];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    const needed = neededBy(packages[from] ?? {}).flatMap((name) => locate(packages, name, from) ?? []);
    const fresh = needed.filter((path) => !reached.has(path));
    for (const path of fresh) reached.add(path);
    open.push(...fresh);
  }
  return [...reached].sort();
}

function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: LockedPackage) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}

/** Where Node finds package `name` from the package at `from`: in its own folder, else in those above. */
function locate(packages: LockFile['packages'], name: string, from: string): string | undefined {
  const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (packages[own] !== undefined) return own;
  if (from === '') return undefined;
  const above = from.lastIndexOf('/node_modules/');
  return locate(packages, name, above === -1 ? '' : from.slice(0, above));
}
