/** `npm run chaos`: canaries roll out while everything that carries them is killed, frozen and cut off. */
import { join } from 'node:path';
import { readEnvironment } from '../sandbox/environment.ts';
import { createProgress } from '../sandbox/progress.ts';
import { violationsIn } from './judge/judge.ts';
import { readOptions, usage } from './options.ts';
import type { Options } from './options.ts';
import { reportOf } from './report.ts';
import { runChaos } from './run.ts';
import { messageOf } from '../platform/error-message.ts';

const seeds = 1_000_000;

/** @returns the exit code */
async function run(options: Options): Promise<number> {
  const progress = createProgress((line) => process.stderr.write(`${line}\n`));
  const logs = join(readEnvironment(process.env).cache, 'chaos', `seed-${options.seed}`);
  const verdict = await runChaos({
    ...options,
    durationMs: options.minutes * 60_000,
    logs,
    say: (line) => progress.say(line),
  });
  process.stdout.write(`${reportOf(verdict, options)}\n`);
  if (violationsIn(verdict.rulings).length === 0) return 0;
  process.stdout.write(`logs of the processes and the audit log: ${logs}\n`);
  return 1;
}

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), Math.floor(Math.random() * seeds));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await run(options);
  } catch (error) {
    process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const why = messageOf(error);
  process.stderr.write(`chaos: ${why}\nnpm run chaos -- --help lists the options\n`);
  process.exitCode = 2;
}
