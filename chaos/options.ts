/** The command line of the chaos. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly help: boolean;
  readonly seed: number;
  readonly minutes: number;
  readonly canaries: number;
  readonly workers: number;
}

export const usage = `Usage: npm run chaos -- [OPTIONS]

  --seed N        of the faults and the cast (drawn unless told; a run prints it)
  --minutes N     how long faults happen (10)
  --canaries N    (200)
  --workers N     worker processes (3)
`;

const defaults = { minutes: '10', canaries: '200', workers: '3' };
const largestSeed = 4_294_967_295;

/**
 * @param drawn the seed when none is given
 * @throws Error that says which option is wrong and what it takes
 */
export function readOptions(args: readonly string[], drawn: number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(drawn) },
      minutes: { type: 'string', default: defaults.minutes },
      canaries: { type: 'string', default: defaults.canaries },
      workers: { type: 'string', default: defaults.workers },
    },
  });
  return {
    help: values.help,
    seed: whole('--seed', values.seed, { min: 0, max: largestSeed }),
    minutes: whole('--minutes', values.minutes, { min: 1, max: 240 }),
    canaries: whole('--canaries', values.canaries, { min: 1, max: 2_000 }),
    workers: whole('--workers', values.workers, { min: 2, max: 16 }),
  };
}

function whole(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`${option}: expected a whole number from ${min} to ${max}, got '${text}'`);
}
