/** The command lines of processes that are set by their environment: one switch, or nothing at all. */
import { parseArgs } from 'node:util';

const settings = 'settings are environment variables, as docs/operations.md lists them';

/**
 * Whether `--name` is given.
 *
 * @param args what follows the program's name
 * @param name absent where the process takes nothing
 * @throws Error that says what would be taken; of an argument it shows no more than a flag's name, for values may be secrets
 */
export function hasSwitch(args: readonly string[], name?: string): boolean {
  const options = name === undefined ? {} : { [name]: { type: 'boolean' as const } };
  try {
    return Object.keys(parseArgs({ args: [...args], options }).values).length > 0;
  } catch {
    // The parser's own words may hold a secret, and of -mesh-provider, as Go's flags are written, it names the first letter.
    const expected = name === undefined ? 'no arguments' : `no arguments or --${name}`;
    const other = args.find((argument) => argument !== `--${name}`) ?? '';
    throw new Error(`expected ${expected}, got ${shown(other)}; ${settings}`);
  }
}

function shown(argument: string): string {
  const [, flag, value = ''] = /^(--?[\w-]+)(=?)/.exec(argument) ?? [];
  return flag === undefined ? 'another text (not shown)' : `'${flag}${value === '' ? '' : '=…'}'`;
}
