/** `npm run bench`: Aviary on a real API server and a real Redis, measured from outside. */
import { join } from 'node:path';
import { formatInstant, systemClock as clock } from '../platform/clock.ts';
import { projectDirectory, readEnvironment } from '../sandbox/environment.ts';
import { createProgress } from '../sandbox/progress.ts';
import { readOptions, usage } from './options.ts';
import type { Options } from './options.ts';
import { sectionsOf } from './report/sections.ts';
import { targetTable } from './report/targets.ts';
import type { Target } from './report/targets.ts';
import { writePage } from './report/write-page.ts';
import type { Results, ScenarioName } from './results.ts';
import { runScenario } from './scenarios/registry.ts';
import { mergeResults, readResults, resultsFile, writeResults } from './store.ts';
import { messageOf } from '../platform/error-message.ts';

const progress = createProgress((line) => process.stderr.write(`${line}\n`));
const file = resultsFile(readEnvironment(process.env).cache);

const targetText = (targets: readonly Target[]): string => (targets.length === 0 ? '' : `${targetTable(targets)}\n\n`);

/** Each scenario has servers of its own, and what it has measured is kept at once. */
async function measure(name: ScenarioName, options: Options): Promise<void> {
  progress.say(`── ${name}`);
  const { machine, measured } = await runScenario(name, progress, options);
  const origins = { [name]: { machine, measuredAt: formatInstant(clock.now()) } };
  const newer: Results = { measured, origins };
  await writeResults(file, mergeResults(await readResults(file), newer));
  for (const { title, figures, targets = [] } of sectionsOf(measured)) {
    process.stdout.write(`\n${title}\n\n${targetText(targets)}${figures}\n\n`);
  }
}

async function writeResultsPage(): Promise<void> {
  const results = await readResults(file);
  if (results === undefined) throw new Error(`--write: expected results in ${file}, found none; run a scenario first`);
  await writePage(results, join(projectDirectory, 'docs'));
}

async function run(options: Options): Promise<void> {
  for (const name of options.scenarios) await measure(name, options);
  progress.say(`results: ${file}`);
  if (options.write) await writeResultsPage();
}

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    await run(options);
    return 0;
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    return 1;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\nnpm run bench -- --help lists the options\n`);
  process.exitCode = 2;
}
