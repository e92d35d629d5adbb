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
  /** The same of a soak. */
  readonly soakWindow: number;
}

export const usage = `Usage: npm run bench -- [OPTIONS]

  --scenario NAME,…   ${scenarioNames.join(', ')}; all unless told
  --canaries N,…      how many canaries; only settled takes several numbers (100,1000,3000,5000),
                      each other scenario has a number of its own unless told
  --size N            the same for all scenarios but settled, where they are run together
  --workers N         worker processes, where the scenario does not say (2)
  --window SECONDS    how long is measured (60; a soak 1800)
  --write             render docs/performance.md and its plots from all results so far
                      (alone: without a run)

  Results are kept in AVIARY_CACHE/bench (~/.cache/aviary/bench).
`;

const defaults = { canaries: '100,1000,3000,5000', workers: '2', window: 60, soakWindow: 1_800 };

const mostCanaries = 10_000;
/** Finished jobs are read after the span, and kept for three minutes. */
const longestWindow = 120;
/** A soak reads none. */
const longestSoak = 86_400;

/** Nothing of a simulated canary lies in a cluster. */
const mostSimulated = 500_000;

/** @throws Error that says which option is wrong and what it takes */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      canaries: { type: 'string' },
      size: { type: 'string' },
      workers: { type: 'string', default: defaults.workers },
      window: { type: 'string' },
    },
  });
  const onlyWrite = values.write && values.scenario === undefined;
  const scenarios = onlyWrite ? [] : scenariosOf(values.scenario ?? scenarioNames.join(','));
  return {
    help: values.help,
    write: values.write,
    scenarios,
    ...countsOf(values, scenarios.every((name) => name === 'capacity') ? mostSimulated : mostCanaries),
    workers: whole('--workers', values.workers, { min: 1, max: 16 }),
    ...windowsOf(values.window, scenarios),
  };
}

interface CountTexts {
  readonly canaries?: string | undefined;
  readonly size?: string | undefined;
}

/** One number of canaries is meant for whatever scenario runs. */
function countsOf({ canaries: text, size }: CountTexts, max: number): Pick<Options, 'canaries' | 'size'> {
  const canaries = (text ?? defaults.canaries).split(',').map((number) => whole('--canaries', number, { min: 1, max }));
  if (size !== undefined) return { canaries, size: whole('--size', size, { min: 1, max }) };
  return { canaries, size: text !== undefined && canaries.length === 1 ? canaries[0] : undefined };
}

function windowsOf(
  text: string | undefined,
  scenarios: readonly ScenarioName[],
): Pick<Options, 'window' | 'soakWindow'> {
  if (text === undefined) return { window: defaults.window, soakWindow: defaults.soakWindow };
  const isSoak = scenarios.length > 0 && scenarios.every((name) => name === 'soak');
  const window = whole('--window', text, { min: 5, max: isSoak ? longestSoak : longestWindow });
  return { window, soakWindow: window };
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
