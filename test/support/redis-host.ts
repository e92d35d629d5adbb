/** Real servers of Redis, Valkey and Sentinel for one test, on loopback, in a folder of their own. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEnvironment } from '../../sandbox/environment.ts';
import { createGuard } from '../../sandbox/guard.ts';
import type { RedisProgram } from '../../sandbox/lone-redis.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { accepts } from '../../sandbox/ports.ts';
import { silent } from '../../sandbox/progress.ts';
import { type ServerProcess, startServer } from '../../sandbox/server-process.ts';

export interface RedisHost {
  /** Starts a server that listens on `port`; `settings` as on its command line. */
  launch(port: number, ...settings: readonly string[]): Promise<ServerProcess>;
  /** The same, as a sentinel with this configuration, which it rewrites. */
  sentinel(port: number, configuration: readonly string[]): Promise<ServerProcess>;
  /** Writes a file; returns its path. */
  file(name: string, text: string): Promise<string>;
  /** Ends all servers and removes the folder. */
  release(): Promise<void>;
}

export async function createRedisHost(program: RedisProgram = 'redis-server'): Promise<RedisHost> {
  const environment = readEnvironment();
  const { [program]: part } = await createParts(environment, silent).get([program]);
  await mkdir(environment.temporary, { recursive: true });
  const directory = await mkdtemp(join(environment.temporary, 'aviary-redis-'));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const start = async (port: number, args: readonly string[]): Promise<ServerProcess> => {
    const argv = [part.path, ...args] as const;
    const logFile = join(directory, `${port}.log`);
    const server = startServer({ name: program, argv, env: {}, cwd: directory, logFile, guard });
    await server.ready(() => accepts(port), 20);
    return server;
  };
  return {
    file,
    launch: (port, ...settings) => {
      const own = ['--bind', '127.0.0.1', '--dir', directory, '--dbfilename', `${port}.rdb`, '--save', ''];
      return start(port, [...(settings.includes('--port') ? [] : ['--port', `${port}`]), ...own, ...settings]);
    },
    sentinel: async (port, configuration) => {
      const own = [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`];
      const path = await file(`sentinel-${port}.conf`, [...own, ...configuration, ''].join('\n'));
      return start(port, [path, '--sentinel']);
    },
    release: () => guard.release(),
  };
}
