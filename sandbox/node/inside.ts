import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../process-table.ts';
import { type CommandResult, run } from '../run.ts';
import type { NodeLayout } from './layout.ts';

/** Runs programs in the namespaces of a node. */
export interface Inside {
  readonly init: ProcessIdentity;
  /** Environment of programs inside: `PATH` with the node's tools, `KUBECONFIG` of its administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** The command line that runs `argv` inside, for callers that spawn it themselves. */
  wrap(argv: readonly string[]): [string, ...string[]];
  exec(argv: readonly string[], input?: ExecInput): Promise<CommandResult>;
  /** Starts a daemon unless it runs. Its output goes to `log/NAME.log`; it outlives this process, not the node. */
  daemon(name: string, argv: readonly string[]): Promise<void>;
  isDaemonRunning(name: string): boolean;
  /** Whether a TCP port is listened on inside, on whatever address. */
  isListening(port: number): boolean;
  /** Whether a file is there as the node sees it. */
  has(path: string): boolean;
}

/** What a command is given. */
export interface ExecInput {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

/** What {@link createInside} needs. */
export interface InsideOptions {
  readonly layout: NodeLayout;
  readonly init: ProcessIdentity;
  readonly busybox: string;
  readonly cgroups: readonly string[];
}

/** Becomes `"$@"` after it has noted its pid as the node sees it and joined the node's control groups. */
const daemonScript = `pid_file=$1; groups=$2; shift 2
for group in $groups; do echo 0 > "$group/cgroup.procs"; done
echo $$ > "$pid_file"
exec "$@"`;

/** An {@link Inside} of a node whose first process is `init`. */
export function createInside(options: InsideOptions): Inside {
  const { layout, init, busybox } = options;
  const proc = `/proc/${init.pid}`;
  const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const env = {
    PATH: `${layout.path('bin')}:${system}:${layout.path('applets')}`,
    HOME: layout.path('home'),
    KUBECONFIG: layout.path('kubeconfigs', 'admin'),
    TERM: 'xterm-256color',
  };
  const nsenter = `nsenter -t ${init.pid} -n -m -p -i -u`.split(' ');
  const wrap = (argv: readonly string[]): [string, ...string[]] => [busybox, ...nsenter, ...argv];
  const isDaemonRunning = (name: string): boolean => {
    const file = layout.path('pids', name);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    return pid > 0 && existsSync(join(proc, 'root', 'proc', `${pid}`));
  };
  return {
    init,
    env,
    wrap,
    exec: (argv, input = {}) => run({ ...input, argv: wrap(argv), env: { ...env, ...input.env }, cwd: '/' }),
    isDaemonRunning,
    daemon: async (name, argv) => {
      if (!isDaemonRunning(name))
        startDaemon(options, { name, env, argv: wrap([...daemonShell(options, name), ...argv]) });
    },
    isListening: (port) => ['tcp', 'tcp6'].some((table) => listens(join(proc, 'net', table), port)),
    has: (path) => existsSync(join(proc, 'root', path)),
  };
}

const daemonShell = ({ layout, busybox, cgroups }: InsideOptions, name: string): string[] => [
  busybox,
  'sh',
  '-c',
  daemonScript,
  name,
  layout.path('pids', name),
  cgroups.join(' '),
];

interface Daemon {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly [string, ...string[]];
}

function startDaemon({ layout }: InsideOptions, { name, env, argv: [program, ...args] }: Daemon): void {
  const log = openSync(layout.path('log', `${name}.log`), 'a');
  spawn(program, args, { cwd: '/', env, detached: true, stdio: ['ignore', log, log] }).unref();
  closeSync(log);
}

const listenState = '0A';

/** Looks for a listening port in a table of sockets as the kernel prints it. */
function listens(table: string, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync(table, 'utf8').split('\n').slice(1);
  return rows.some((row) => {
    const [, local = '', , state] = row.trim().split(/\s+/);
    return state === listenState && local.endsWith(`:${hex}`);
  });
}
