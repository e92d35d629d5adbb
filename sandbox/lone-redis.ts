import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvironment } from './environment.ts';
import { createGuard, type Guard } from './guard.ts';
import { createParts } from './parts/resolve.ts';
import { accepts, freePorts } from './ports.ts';
import { signal } from './process-table.ts';
import { silent } from './progress.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { createSwitch } from './switch.ts';

export type RedisProgram = 'redis-server' | 'valkey-server';

/** A real Redis and nothing else, on a loopback port, that writes nothing to disk unless told. */
export interface LoneRedis {
  readonly url: string;
  /** Undefined while it is stopped. */
  pid(): number | undefined;
  /** Ends it, politely unless told; it comes back empty, on the same address. */
  stop(how?: 'stop' | 'kill'): Promise<void>;
  start(): Promise<void>;
  /** Connections stay open and nothing is answered until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good. */
  end(): Promise<void>;
}

export interface LoneRedisOptions {
  readonly program?: RedisProgram;
  /** As on its command line; they win over what is said here. */
  readonly settings?: readonly string[];
}

/** Starts a Redis, or a Valkey, that is ended even if this process dies. */
export async function startLoneRedis(options: LoneRedisOptions = {}): Promise<LoneRedis> {
  const { program = 'redis-server', settings = [] } = options;
  const environment = readEnvironment();
  const { [program]: part } = await createParts(environment, silent).get([program]);
  await mkdir(environment.temporary, { recursive: true });
  const directory = await mkdtemp(join(environment.temporary, 'aviary-redis-'));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  const [port = 0] = await freePorts(1);
  let server: ServerProcess | undefined;
  const redis = createSwitch({
    name: program,
    launch: () => (server = launch({ name: program, program: part.path, directory, port, guard, settings })),
    isReady: () => accepts(port),
    seconds: 20,
  });
  try {
    await redis.start();
  } catch (error) {
    await guard.release();
    throw error;
  }
  const send = (name: NodeJS.Signals) => (): void => {
    if (server !== undefined) signal(server.identity, name);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => redis.pid(),
    stop: (how) => redis.stop(how),
    start: () => redis.start(),
    freeze: send('SIGSTOP'),
    thaw: send('SIGCONT'),
    end: async () => {
      await redis.stop('kill');
      await guard.release();
    },
  };
}

interface Launch {
  readonly name: RedisProgram;
  readonly program: string;
  readonly directory: string;
  readonly port: number;
  readonly guard: Guard;
  readonly settings: readonly string[];
}

function launch({ name, program, directory, port, guard, settings }: Launch): ServerProcess {
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'];
  return startServer({
    name,
    argv: [program, ...own, ...settings],
    env: {},
    cwd: directory,
    logFile: join(directory, 'redis.log'),
    guard,
  });
}
