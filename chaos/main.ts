/** `npm run chaos`: canaries roll out while everything that carries them is killed, frozen and cut off. */
import { join } from 'node:path';
import { readEnvironment } from '../sandbox/environment.ts';
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
  const logs = join(readEnvironment(process.env).cache, 'chaos', `seed-${options.seed}`);
  const verdict = await runChaos({
    ...options,
    durationMs: options.minutes * 60_000,
    logs,
    say: (line) => progress.say(line),
  });
  process.stdout.write(`${reportOf(verdict, options)}\n`);
  if (verdict.violations.length === 0) return;
  process.stdout.write(`logs of the processes and the audit log: ${logs}\n`);
  process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
