/** The command lines of processes that are set by their environment: one switch, or nothing at all. */

const settings = 'settings are environment variables, as docs/operations.md lists them';

/**
 * Whether `--name` is given.
 *
 * @param args what follows the program's name
 * @param name absent where the process takes nothing
 * @throws Error that says what would be taken; of an argument it shows no more than a flag's name, for values may be secrets
 */
export function hasSwitch(args: readonly string[], name?: string): boolean {
  const known = name === undefined ? undefined : `--${name}`;
  const other = args.find((argument) => argument !== known);
  if (other === undefined) return args.length > 0;
  const expected = known === undefined ? 'no arguments' : `no arguments or ${known}`;
  throw new Error(`expected ${expected}, got ${shown(other)}; ${settings}`);
}

function shown(argument: string): string {
  const [flag] = /^--?[\w-]+/.exec(argument) ?? [];
  return flag === undefined ? 'another text (not shown)' : `'${flag}'`;
}
