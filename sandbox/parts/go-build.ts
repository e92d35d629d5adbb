import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDirectory, type SandboxEnvironment } from '../environment.ts';
import { run, runOrThrow } from '../run.ts';
import { withLock } from './lock.ts';
import type { Obtainer, ObtainerOptions } from './obtainer.ts';
import type { FoundPart, GoWay, Part } from './part.ts';
import { kubernetesVersion } from './server-parts.ts';
import { ensureUnit } from './unit.ts';

const buildSeconds = 3600;
const versionPackage = 'k8s.io/component-base/version';
const [major, minor] = kubernetesVersion.split('.');

/** How one module of `sandbox/go` is built. */
interface Recipe {
  /** Program built → package of the module. */
  readonly programs: Readonly<Record<string, string>>;
  /** Other names under which the (multi-call) program is started. */
  readonly names?: readonly string[];
  /** Folder of a dependency that belongs beside the program: name → [module, folder]. */
  readonly folders?: Readonly<Record<string, readonly [string, string]>>;
  /** Linker settings, e.g. the version that the program tells. */
  readonly settings?: readonly string[];
}

const recipes: Readonly<Record<string, Recipe>> = {
  kubernetes: {
    programs: { kubernetes: '.' },
    names: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'],
    settings: [
      `${versionPackage}.gitVersion=v${kubernetesVersion}`,
      `${versionPackage}.gitMajor=${major}`,
      `${versionPackage}.gitMinor=${minor}`,
    ],
  },
  coredns: { programs: { coredns: '.' } },
  pause: { programs: { pause: '.' } },
  podinfo: {
    programs: {
      podinfo: 'github.com/stefanprodan/podinfo/cmd/podinfo',
      podcli: 'github.com/stefanprodan/podinfo/cmd/podcli',
    },
    folders: { ui: ['github.com/stefanprodan/podinfo', 'ui'] },
  },
  contour: { programs: { contour: 'github.com/projectcontour/contour/cmd/contour' } },
};

/** Parts compiled from public Go modules whose versions `sandbox/go/NAME/go.mod` and `go.sum` pin. */
export function createGoObtainer({ environment, progress }: ObtainerOptions): Obtainer<GoWay> {
  const describe = (way: GoWay): string => `Go build of sandbox/go/${way.module}`;
  const directoryOf = async (way: GoWay): Promise<string> =>
    join(environment.cache, 'go', `${way.module}-${await fingerprint(moduleDirectory(way))}`);
  const found = async (part: Part, way: GoWay): Promise<FoundPart | undefined> => {
    const path = join(await directoryOf(way), part.program);
    if (!existsSync(path)) return undefined;
    return { name: part.name, path, program: path, libraries: [], origin: describe(way) };
  };
  const build = (way: GoWay, into: string): Promise<void> =>
    // One build at a time: a build uses every core by itself.
    withLock(join(environment.cache, 'go build'), () =>
      progress.during(`${way.module}: compiling`, () => compile({ way, into, environment }), way.estimate),
    );
  return {
    describe,
    cached: found,
    obtain: async (part, way) => {
      await requireGo();
      const onWait = (): void => progress.say(`${way.module}: waiting for another start that compiles it`);
      await ensureUnit({ directory: await directoryOf(way), fill: (empty) => build(way, empty), onWait });
      const result = await found(part, way);
      if (result === undefined) throw new Error(`${describe(way)}: expected a program ${part.program}, got none`);
      return result;
    },
  };
}

const moduleDirectory = (way: GoWay): string => join(projectDirectory, 'sandbox', 'go', way.module);

/** Changes whenever a source or a pinned version of the module does. */
async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory)).toSorted()) {
    hash.update(name).update(await readFile(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function requireGo(): Promise<void> {
  const go = await run({ argv: ['go', 'version'], seconds: 20 });
  if (go.code !== 0) throw new Error('needs the Go toolchain, 1.25 or later, on PATH');
}

interface Compilation {
  readonly way: GoWay;
  readonly into: string;
  readonly environment: SandboxEnvironment;
}

async function compile({ way, into, environment }: Compilation): Promise<void> {
  const recipe = recipes[way.module];
  if (recipe === undefined) throw new Error(`Go module '${way.module}': expected a recipe, found none`);
  const cwd = moduleDirectory(way);
  const env = { ...environment.variables, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly' };
  const linker = ['-s', '-w', ...(recipe.settings ?? []).flatMap((setting) => ['-X', setting])].join(' ');
  for (const [program, source] of Object.entries(recipe.programs)) {
    const argv = ['go', 'build', '-ldflags', linker, '-o', join(into, program), source] as const;
    await runOrThrow({ argv, cwd, env, seconds: buildSeconds });
    await Promise.all((recipe.names ?? []).map((name) => symlink(program, join(into, name))));
  }
  for (const [name, [module, folder]] of Object.entries(recipe.folders ?? {})) {
    const directory = await runOrThrow({ argv: ['go', 'list', '-m', '-f', '{{.Dir}}', module], cwd, env });
    await cp(join(directory.trim(), folder), join(into, name), { recursive: true });
  }
}
