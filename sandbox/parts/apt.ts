import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, run, runOrThrow } from '../run.ts';
import { withLock } from './lock.ts';

/** Debian's package client, used by an ordinary user and without installing anything. */
export interface Apt {
  /** Unpacks packages into a folder. */
  unpack(packages: readonly string[], directory: string): Promise<void>;
  /** Names of the library packages that `packages` stand on; the C library always is the machine's own. */
  librariesOf(packages: readonly string[]): Promise<string[]>;
}

/**
 * A client that asks the machine's package lists first and, where those are empty or too old, lists of its own.
 * @param state folder for lists of its own.
 */
export function createApt(state: string): Apt {
  const ownLists = [`-oDir::State::Lists=${state}/lists`, `-oDir::Cache=${state}/cache`, '-oDebug::NoLocking=1'];
  let updated: Promise<void> | undefined;
  const update = async (): Promise<void> => {
    await mkdir(`${state}/lists/partial`, { recursive: true });
    await mkdir(`${state}/cache/archives/partial`, { recursive: true });
    const argv = ['apt-get', ...ownLists, '-qq', 'update'] as const;
    await withLock(state, () => runOrThrow({ argv, seconds: 300 }));
  };
  const ask = async (program: string, args: readonly string[], cwd?: string): Promise<CommandResult> => {
    const where = cwd === undefined ? {} : { cwd };
    const first = await run({ argv: [program, ...args], seconds: 300, ...where });
    if (first.code === 0) return first;
    updated ??= update();
    await updated;
    const stdout = await runOrThrow({ argv: [program, ...ownLists, ...args], seconds: 300, ...where });
    return { code: 0, stdout, stderr: '' };
  };
  return {
    unpack: async (packages, directory) => {
      const downloads = join(directory, 'downloads');
      await mkdir(downloads, { recursive: true });
      await ask('apt-get', ['download', ...packages], downloads);
      for (const file of await readdir(downloads)) {
        await runOrThrow({ argv: ['dpkg-deb', '-x', join(downloads, file), directory] });
      }
      await rm(downloads, { recursive: true });
    },
    librariesOf: async (packages) => {
      const { stdout } = await ask('apt-cache', ['depends', '--recurse', ...dependsOnly, ...packages]);
      const names = stdout.split('\n').filter((line) => /^lib[\w.+-]+$/.test(line));
      return [...new Set(names)].filter((name) => !/^libc(6|-bin|-l10n)$/.test(name));
    },
  };
}

const dependsOnly = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
  (kind) => `--no-${kind}`,
);
