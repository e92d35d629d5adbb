import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { readEnvironment } from './environment.ts';
import { startLight } from './light.ts';
import { parts } from './parts/table.ts';
import { createParts, PartsError } from './parts/resolve.ts';
import { createProgress, type Progress } from './progress.ts';

const usage = `Usage: node out/sandbox/main.js COMMAND

  light [--json]   a Kubernetes API and a Redis for tests; runs until interrupted
  parts [NAME...]  says where each part is; with names, gets those that are missing
`;

/** What every command is given. */
interface Invocation {
  readonly args: readonly string[];
  readonly progress: Progress;
}

const commands: Readonly<Record<string, (invocation: Invocation) => Promise<number>>> = {
  light: runLight,
  parts: showParts,
};

async function runLight({ args, progress }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const cluster = await startLight({ audit: true, controllerManager: true, progress });
  const { kubeconfigPath, apiUrl, redisUrl, auditLogPath, directory } = cluster;
  const facts = { kubeconfigPath, apiUrl, redisUrl, auditLogPath, directory, pids: cluster.pids() };
  if (values.json === true) console.log(JSON.stringify(facts));
  else console.log(`KUBECONFIG=${kubeconfigPath}\nREDIS_URL=${redisUrl}\naudit log: ${auditLogPath}\nCtrl-C ends it.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await cluster.stop();
  return 0;
}

async function showParts({ args, progress }: Invocation): Promise<number> {
  const found = createParts(readEnvironment(), progress);
  if (args.length > 0) await found.get(args);
  for (const { name, purpose } of parts) {
    const part = await found.look(name);
    const where = part === undefined ? 'not here yet' : `${part.path} (${part.origin})`;
    console.log(`${name.padEnd(24)} ${where}\n${' '.repeat(24)} ${purpose}`);
  }
  return 0;
}

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  process.stderr.write(usage);
  process.exitCode = name === '' ? 0 : 2;
} else {
  const progress = createProgress((line) => process.stderr.write(`${line}\n`));
  try {
    process.exitCode = await command({ args, progress });
  } catch (error) {
    process.stderr.write(`${error instanceof PartsError ? error.message : describe(error)}\n`);
    process.exitCode = 1;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  because: ${describe(error.cause)}`;
}
