import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvironment } from '../../sandbox/environment.ts';
import { createGuard, type Guard } from '../../sandbox/guard.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { accepts, freePorts } from '../../sandbox/ports.ts';
import { signal } from '../../sandbox/process-table.ts';
import { silent } from '../../sandbox/progress.ts';
import { type ServerProcess, startServer } from '../../sandbox/server-process.ts';
import { createSwitch } from '../../sandbox/switch.ts';
import type { RedisProgram } from '../support/redis-host.ts';

/** A real Redis of one test file's own, on a loopback port, that writes nothing to disk. */
export interface RedisServer {
  readonly url: string;
  /** Ends it, politely unless told; it comes back empty, on the same address. */
  stop(how?: 'stop' | 'kill'): Promise<void>;
  start(): Promise<void>;
  /** Connections stay open and nothing is answered until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good. */
  end(): Promise<void>;
}

/** Starts a Redis, or a Valkey, that is ended even if this process dies. */
export async function startRedisServer(program: RedisProgram = 'redis-server'): Promise<RedisServer> {
  const environment = readEnvironment();
  const { [program]: part } = await createParts(environment, silent).get([program]);
  const directory = await mkdtemp(join(environment.temporary, 'aviary-redis-'));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  const [port = 0] = await freePorts(1);
  let server: ServerProcess | undefined;
  const redis = createSwitch({
    name: program,
    launch: () => (server = launch({ program: part.path, directory, port, guard })),
    isReady: () => accepts(port),
    seconds: 20,
  });
  await redis.start();
  const send = (name: NodeJS.Signals) => (): void => {
    if (server !== undefined) signal(server.identity, name);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
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
  readonly program: string;
  readonly directory: string;
  readonly port: number;
  readonly guard: Guard;
}

function launch({ program, directory, port, guard }: Launch): ServerProcess {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no'];
  return startServer({
    name: 'redis-server',
    argv: [program, ...settings],
    env: {},
    cwd: directory,
    logFile: join(directory, 'redis.log'),
    guard,
  });
}
