/** Scheduler and workers as users run them: the built programs, with the environment of the manifests. */
import { join } from 'node:path';
import { imageNodeArguments, imageVariables } from '../../sandbox/dockerfile.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { startServer } from '../../sandbox/server-process.ts';
import type { ServerProcess } from '../../sandbox/server-process.ts';
import type { Stage } from './stage.ts';

export interface AviaryOptions {
  readonly workers: number;
  /** Laid over the environment of the workers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that tells of itself under `/metrics`. */
export interface Program {
  readonly server: ServerProcess;
  /** For example `http://127.0.0.1:41233`. */
  readonly url: string;
}

export interface Aviary {
  readonly scheduler: Program;
  readonly workers: readonly Program[];
  stop(): Promise<void>;
}

/** Prefix of the keys in Redis; the product's own default. */
export const redisPrefix = '{aviary}';

/** Half of the memory limit of the manifests, as V8 chooses by itself within 512 MiB. */
const asInAPod = ['--max-old-space-size=256'];

const readySeconds = 60;

/** Resolves when every process is ready. */
export async function startAviary(stage: Stage, { workers, env = {} }: AviaryOptions): Promise<Aviary> {
  const names = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const programs = await Promise.all([
    startProgram(stage, { program: 'scheduler', name: 'scheduler', env: {} }),
    ...names.map((name) => startProgram(stage, { program: 'worker', name, env })),
  ]);
  const [scheduler, ...rest] = programs;
  return {
    scheduler,
    workers: rest,
    stop: async () => {
      await Promise.all(programs.map(({ server }) => server.stop(20)));
    },
  };
}

interface ProgramOptions {
  readonly program: 'scheduler' | 'worker';
  /** Names the process and its log. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

async function startProgram(
  { light, account, guard }: Stage,
  { program, name, env }: ProgramOptions,
): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const server = startServer({
    name,
    argv: [
      process.execPath,
      ...asInAPod,
      ...imageNodeArguments(),
      join(import.meta.dirname, '..', '..', program, 'main.js'),
    ],
    env: {
      ...imageVariables(),
      ...account,
      REDIS_URL: light.redisUrl,
      REDIS_PREFIX: redisPrefix,
      POD_NAME: name,
      PORT: String(port),
      // Hooks and Prometheus of a benchmark are on this machine.
      ALLOW_LOOPBACK: 'true',
      ...env,
    },
    cwd: light.directory,
    logFile: join(light.directory, `${name}.log`),
    guard,
  });
  const url = `http://127.0.0.1:${port}`;
  await server.ready(() => isReady(url), readySeconds);
  return { server, url };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`);
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
