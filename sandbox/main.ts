import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { readEnvironment } from './environment.ts';
import { type ImageName, imageRecipes } from './images.ts';
import { startLight } from './light.ts';
import { enterNode } from './node/enter.ts';
import { attachNode, endNode, startNode } from './node/start.ts';
import { describeNode } from './node/status.ts';
import { createParts, PartsError } from './parts/resolve.ts';
import { parts } from './parts/table.ts';
import { createProgress, type Progress } from './progress.ts';

const usage = `Usage: node out/sandbox/main.js COMMAND

  up [--name NAME] [IMAGE...]   bring up a real one-node Kubernetes; images: ${Object.keys(imageRecipes).join(', ')}
  enter [--name NAME] [CMD...]  run a command (default: a shell) inside it, KUBECONFIG set
  status [--name NAME]          say what runs
  down [--name NAME]            end it and remove all that it has left
  light [--json]                a Kubernetes API and a Redis for tests, as any user; runs until interrupted
  parts [NAME...]               say where each part is; with names, get those that are missing

  AVIARY_CACHE keeps what was downloaded and built (~/.cache/aviary), AVIARY_SANDBOX_STATE the running clusters (/tmp).
`;

/** What every command is given. */
interface Invocation {
  readonly args: readonly string[];
  readonly progress: Progress;
}

const commands: Readonly<Record<string, (invocation: Invocation) => Promise<number>>> = {
  up,
  enter,
  status,
  down,
  light,
  parts: showParts,
};

const nodeOption = { name: { type: 'string', default: 'aviary' } } as const;

async function up({ args, progress }: Invocation): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: nodeOption, allowPositionals: true });
  const node = await startNode({ name: values.name, images: positionals.map(imageNamed), progress });
  node.release();
  progress.say('up');
  console.log(`export KUBECONFIG=${node.kubeconfigPath}\n# inside: node out/sandbox/main.js enter [CMD...]`);
  return 0;
}

function imageNamed(name: string): ImageName {
  if (Object.hasOwn(imageRecipes, name)) return name as ImageName;
  throw new Error(`image: expected one of ${Object.keys(imageRecipes).join(', ')}, got '${name}'`);
}

/** What follows the command's own options belongs to the command that is run inside. */
async function enter({ args, progress }: Invocation): Promise<number> {
  const [option, value = 'aviary', ...rest] = args;
  const isNamed = option === '--name';
  const node = await attachNode({ name: isNamed ? value : 'aviary', progress });
  if (node === undefined) throw new Error('enter: expected a node that is up, found none; bring it up by `up`');
  const command = isNamed ? rest : [...args];
  return enterNode(node, command.length === 0 ? ['sh'] : command);
}

async function status({ args, progress }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: nodeOption });
  const { isUp, text } = await describeNode({ name: values.name, progress });
  console.log(text);
  return isUp ? 0 : 1;
}

async function down({ args, progress }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: nodeOption });
  await endNode({ name: values.name, progress });
  progress.say('down');
  return 0;
}

async function light({ args, progress }: Invocation): Promise<number> {
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

async function run(name: string, args: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const expected = Object.keys(commands).join(', ');
    process.stderr.write(`sandbox: expected one of ${expected}, got '${name}'\n\n${usage}`);
    return 2;
  }
  try {
    return await command({ args, progress: createProgress((line) => process.stderr.write(`${line}\n`)) });
  } catch (error) {
    process.stderr.write(`${error instanceof PartsError ? error.message : describe(error)}\n`);
    if (!isOfCommandLine(error)) return 1;
    process.stderr.write('npm run sandbox -- --help lists the commands and their options\n');
    return 2;
  }
}

const isOfCommandLine = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const [name = '--help', ...args] = process.argv.slice(2);
if (name === '--help') process.stdout.write(usage);
else process.exitCode = await run(name, args);

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  because: ${describe(error.cause)}`;
}
