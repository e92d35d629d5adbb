/** `npm run chaos`: canaries roll out while everything that carries them is killed, frozen and cut off. */
import { createProgress } from '../sandbox/progress.ts';
import { readOptions, usage } from './options.ts';
import { reportOf } from './report.ts';
import { runChaos } from './run.ts';

const seeds = 1_000_000;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), Math.floor(Math.random() * seeds));
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const progress = createProgress((line) => process.stderr.write(`${line}\n`));
  const verdict = await runChaos({
    ...options,
    durationMs: options.minutes * 60_000,
    say: (line) => progress.say(line),
  });
  process.stdout.write(`${reportOf(verdict, options)}\n`);
  if (verdict.violations.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
