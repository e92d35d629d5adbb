import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';

/** What the sandbox takes from the process that starts it. */
export interface SandboxEnvironment {
  /** Variables handed on to the programs that it starts. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Folder that keeps what was downloaded and built (`AVIARY_CACHE`, else `~/.cache/aviary`). */
  readonly cache: string;
  /** Folder for the state of running clusters; on a disk, since a node's images need a few hundred MiB. */
  readonly temporary: string;
  /** Folders searched for programs: `PATH`, then the system folders that an ordinary user's `PATH` lacks. */
  readonly searchPath: readonly string[];
  /** `KUBEBUILDER_ASSETS`: a folder with etcd, kube-apiserver and kubectl. */
  readonly assets: string | undefined;
}

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** npm puts such folders first; a package's command may bear the name of a part, as `nft` does. */
const isNpmFolder = (folder: string): boolean => /(^|\/)node_modules(\/|$)/.test(folder);

/** Reads the environment once; `variables` is `process.env` unless a test brings its own. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): SandboxEnvironment {
  const listed = (variables['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '' && !isNpmFolder(folder));
  const cacheHome = variables['XDG_CACHE_HOME'] ?? join(variables['HOME'] ?? homedir(), '.cache');
  return {
    variables,
    cache: variables['AVIARY_CACHE'] ?? join(cacheHome, 'aviary'),
    temporary: variables['AVIARY_SANDBOX_STATE'] ?? tmpdir(),
    searchPath: [...new Set([...listed, ...systemFolders])],
    assets: variables['KUBEBUILDER_ASSETS'],
  };
}

/** The project's folder, wherever this file runs from (source or build output). */
export const projectDirectory = findUpwards(import.meta.dirname, 'package.json');

/** The built program `name` of the sandbox, e.g. `guard.js`, to be run by another Node process. */
export const builtProgram = (name: string): string => join(import.meta.dirname, name);

function findUpwards(from: string, file: string): string {
  if (existsSync(join(from, file))) return from;
  const above = dirname(from);
  if (above === from) throw new Error(`expected ${file} in a folder above ${import.meta.dirname}, found none`);
  return findUpwards(above, file);
}
