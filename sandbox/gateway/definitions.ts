/** The kinds of the Gateway API and of Contour, as those modules define them that Contour itself is built from. */
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDirectory, type SandboxEnvironment } from '../environment.ts';
import { ensureUnit } from '../parts/unit.ts';
import { run, runOrThrow } from '../run.ts';

const contour = 'github.com/projectcontour/contour';
const gatewayApi = 'sigs.k8s.io/gateway-api';
const moduleDirectory = join(projectDirectory, 'sandbox', 'go', 'contour');
const downloadSeconds = 300;

/**
 * The texts of all definitions, as YAML streams. Once had they stay in the sandbox's cache.
 * @throws Error when they are not in the cache and the modules cannot be had here
 */
export async function gatewayDefinitions({ cache, variables }: SandboxEnvironment): Promise<readonly string[]> {
  const goMod = await readFile(join(moduleDirectory, 'go.mod'), 'utf8');
  const versions = `contour-${pinnedVersion(goMod, contour)}-gateway-api-${pinnedVersion(goMod, gatewayApi)}`;
  const directory = join(cache, 'definitions', versions);
  await ensureUnit({ directory, fill: (empty) => copyDefinitions(variables, empty) });
  const names = (await readdir(directory)).toSorted();
  return Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
}

/**
 * The version that a go.mod requires of a module.
 * @throws Error when it requires none
 */
export function pinnedVersion(goMod: string, module: string): string {
  const words = goMod.split('\n').map((line) =>
    line
      .replace(/^require\s/, '')
      .trim()
      .split(/\s+/),
  );
  const version = words.find(([name]) => name === module)?.[1];
  if (version !== undefined) return version;
  throw new Error(`sandbox/go/contour/go.mod: expected a version of ${module}, found none`);
}

async function copyDefinitions(variables: SandboxEnvironment['variables'], into: string): Promise<void> {
  const [contourFolder, gatewayFolder] = await moduleFolders(variables);
  const channel = join(gatewayFolder, 'config', 'crd', 'experimental');
  const names = (await readdir(channel)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  await mkdir(into, { recursive: true });
  await cp(join(contourFolder, 'examples', 'contour', '01-crds.yaml'), join(into, 'contour.yaml'));
  await Promise.all(names.map((name) => cp(join(channel, name), join(into, name))));
}

/** Where Go keeps the two modules; it fetches those that it lacks. */
async function moduleFolders(variables: SandboxEnvironment['variables']): Promise<[string, string]> {
  const command = { cwd: moduleDirectory, env: { ...variables, GOFLAGS: '-mod=readonly' }, seconds: downloadSeconds };
  const { code } = await run({ ...command, argv: ['go', 'version'] });
  if (code !== 0) {
    throw new Error(
      `definitions of the Gateway API (module ${gatewayApi}): expected Go on PATH to get them, found none`,
    );
  }
  await runOrThrow({ ...command, argv: ['go', 'mod', 'download', contour, gatewayApi] });
  const listed = await runOrThrow({ ...command, argv: ['go', 'list', '-m', '-f', '{{.Dir}}', contour, gatewayApi] });
  const [contourFolder = '', gatewayFolder = ''] = listed.trim().split('\n');
  return [contourFolder, gatewayFolder];
}
