/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import type { ScenarioName } from './results.ts';
import { scenarioNames } from './scenarios/scenario-names.ts';

export interface Options {
  readonly help: boolean;
  /** Write the page and its plots from the results. */
  readonly write: boolean;
  readonly scenarios: readonly ScenarioName[];
  readonly canaries: readonly number[];
  /** Canaries of a scenario that takes one number; each has a default of its own. */
  readonly size: number | undefined;
  readonly workers: number;
  /** Seconds that are measured. */
  readonly window: number;
}

export const usage = `Usage: npm run bench -- [OPTIONS]

  --scenario NAME,…   ${scenarioNames.join(', ')}; all unless told
  --canaries N,…      of the scenario settled (100,1000,3000,5000)
  --size N              canaries of each other scenario (1,000 and fewer, as the page says)
  --workers N         worker processes, where the scenario does not say (2)
  --window SECONDS    how long is measured (60)
  --write             render docs/performance.md and its plots from all results so far
                      (alone: without a run)

  Results are kept in AVIARY_CACHE/bench (~/.cache/aviary/bench).
`;

const defaults = { canaries: '100,1000,3000,5000', workers: '2', window: '60' };

/** Finished jobs are read after the span, and kept for three minutes. */
const longestWindow = 120;

/** @throws Error that says which option is wrong and what it takes */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      canaries: { type: 'string', default: defaults.canaries },
      size: { type: 'string' },
      workers: { type: 'string', default: defaults.workers },
      window: { type: 'string', default: defaults.window },
    },
  });
  const onlyWrite = values.write && values.scenario === undefined;
  return {
    help: values.help,
    write: values.write,
    scenarios: onlyWrite ? [] : scenariosOf(values.scenario ?? scenarioNames.join(',')),
    canaries: values.canaries.split(',').map((text) => whole('--canaries', text, { min: 1, max: 10_000 })),
    size: values.size === undefined ? undefined : whole('--size', values.size, { min: 1, max: 10_000 }),
    workers: whole('--workers', values.workers, { min: 1, max: 16 }),
    window: whole('--window', values.window, { min: 5, max: longestWindow }),
  };
}

function scenariosOf(text: string): readonly ScenarioName[] {
  return text.split(',').map((name) => {
    const found = scenarioNames.find((one) => one === name);
    if (found !== undefined) return found;
    throw new Error(`--scenario: expected some of ${scenarioNames.join(', ')}, got '${name}'`);
  });
}

function whole(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`${option}: expected a whole number from ${min} to ${max}, got '${text}'`);
}
