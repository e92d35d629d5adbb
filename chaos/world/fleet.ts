/** Schedulers and workers as users run them, each on lines of its own that can be broken, kept running as a kubelet would. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock as clock } from '../../platform/clock.ts';
import { signal } from '../../sandbox/process-table.ts';
import { startServer } from '../../sandbox/server-process.ts';
import type { ServerProcess } from '../../sandbox/server-process.ts';
import type { ProcessName, ServerName } from '../faults/fault.ts';
import { openLine } from '../faults/line.ts';
import type { Line } from '../faults/line.ts';
import type { Stage } from './stage.ts';

export interface Fleet {
  readonly names: readonly ProcessName[];
  line(name: ProcessName, to: ServerName): Line;
  /** SIGKILL; it stays down until {@link start}. Returns whether it was there. */
  kill(name: ProcessName): Promise<boolean>;
  /** SIGTERM; resolves when it has ended, and it stays down until {@link start}. Returns how it ended. */
  terminate(name: ProcessName): Promise<string>;
  /** Starts it unless it runs. */
  start(name: ProcessName): void;
  /** Returns whether it was there. */
  freeze(name: ProcessName): boolean;
  thaw(name: ProcessName): void;
  /** One tick of a CronJob; returns how it ended. */
  tick(): Promise<string>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly stage: Stage;
  readonly names: readonly ProcessName[];
  /** Told when a process ends that nobody has ended. */
  readonly onLeft: (text: string) => void;
}

/** A kubelet starts what has ended by itself again. */
const restartMs = 1_000;
/** Longer than the grace of a step, shorter than a kubelet's patience. */
const graceSeconds = 30;
/** A CronJob's pod has its deadline, too. */
const tickSeconds = 60;

interface Member {
  readonly name: ProcessName;
  readonly lines: Readonly<Record<ServerName, Line>>;
  readonly kubeconfig: string;
  server: ServerProcess | undefined;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { stage, names } = options;
  const members = new Map<ProcessName, Member>();
  for (const name of names) members.set(name, await enlist(stage, name));
  const member = (name: ProcessName): Member => {
    const found = members.get(name);
    if (found === undefined) throw new Error(`expected the name of a process, got '${name}'`);
    return found;
  };
  let isOver = false;
  const launch = (one: Member): void => {
    if (isOver || one.server?.isRunning() === true) return;
    const server = startProgram(stage, one, []);
    one.server = server;
    void server.ended.then((how) => {
      // Who ends it on purpose forgets it first.
      if (isOver || one.server !== server) return undefined;
      options.onLeft(`${one.name} has ended by itself: ${how}`);
      clock.after(restartMs, () => launch(one));
      return undefined;
    });
  };
  members.forEach(launch);
  return {
    names,
    line: (name, to) => member(name).lines[to],
    kill: (name) => killed(release(member(name))),
    terminate: (name) => terminate(release(member(name))),
    start: (name) => launch(member(name)),
    freeze: (name) => send(member(name), 'SIGSTOP'),
    thaw: (name) => void send(member(name), 'SIGCONT'),
    tick: () => tickOnce(stage, member('scheduler-1')),
    stop: async () => {
      isOver = true;
      await Promise.all([...members.values()].flatMap(({ server }) => (server === undefined ? [] : [server.kill()])));
      await Promise.all([...members.values()].flatMap(({ lines }) => [lines.api.close(), lines.redis.close()]));
    },
  };
}

function release(one: Member): ServerProcess | undefined {
  const { server } = one;
  one.server = undefined;
  return server;
}

async function killed(server: ServerProcess | undefined): Promise<boolean> {
  await server?.kill();
  return server !== undefined;
}

async function terminate(server: ServerProcess | undefined): Promise<string> {
  if (server === undefined) return 'was not there';
  await server.stop(graceSeconds);
  return server.ended;
}

function send({ server }: Member, name: NodeJS.Signals): boolean {
  if (server !== undefined) signal(server.identity, name);
  return server !== undefined;
}

const portOf = (url: string): number => Number(new URL(url).port);

async function enlist({ light }: Stage, name: ProcessName): Promise<Member> {
  const [api, redis] = await Promise.all([openLine(portOf(light.apiUrl)), openLine(portOf(light.redisUrl))]);
  const kubeconfig = join(light.directory, `kubeconfig-${name}`);
  const text = await readFile(light.kubeconfigPath, 'utf8');
  await writeFile(kubeconfig, text.replace(light.apiUrl, `https://127.0.0.1:${api.port}`), { mode: 0o600 });
  return { name, lines: { api, redis }, kubeconfig, server: undefined };
}

const roleOf = (name: ProcessName): string => name.slice(0, name.lastIndexOf('-'));

function startProgram({ light, guard, receiver }: Stage, one: Member, args: readonly string[]): ServerProcess {
  const script = join(import.meta.dirname, '..', '..', roleOf(one.name), 'main.js');
  return startServer({
    name: one.name,
    argv: [process.execPath, '--enable-source-maps', script, ...args],
    env: {
      KUBECONFIG: one.kubeconfig,
      REDIS_URL: `redis://127.0.0.1:${one.lines.redis.port}`,
      POD_NAME: one.name,
      PORT: '0',
      // Hooks and alerts go to this machine.
      ALLOW_LOOPBACK: 'true',
      SLACK_URL: `${receiver.url}/slack`,
      SLACK_CHANNEL: 'releases',
      TICK_INTERVAL: '5s',
      DRAIN_DELAY: '1s',
    },
    cwd: light.directory,
    logFile: join(light.directory, `${one.name}.log`),
    guard,
  });
}

async function tickOnce(stage: Stage, like: Member): Promise<string> {
  const server = startProgram(stage, like, ['--once']);
  const cancel = clock.after(tickSeconds * 1_000, () => void server.kill());
  const how = await server.ended;
  cancel();
  return how;
}
