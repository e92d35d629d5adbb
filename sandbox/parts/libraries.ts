import { run } from '../run.ts';

/** Shared libraries that a program asks for and that this machine does not have; none for a static program. */
export async function missingLibraries(program: string): Promise<string[]> {
  const { stdout } = await run({ argv: ['ldd', program], seconds: 20 });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].flatMap(([, name]) => name ?? []);
}

/**
 * Absolute paths of the shared libraries (and of the loader) of a program; none for a static program or a script.
 * @param folders searched before the machine's own.
 */
export async function sharedLibraries(program: string, folders: readonly string[] = []): Promise<string[]> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LD_LIBRARY_PATH: folders.join(':') };
  const { stdout } = await run({ argv: ['ldd', program], env, seconds: 20 });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
