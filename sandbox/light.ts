import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isApiReady } from './api-probe.ts';
import {
  apiServerArguments,
  apiServerNames,
  auditPolicy,
  type ClusterKeys,
  controllerManagerArguments,
  etcdArguments,
  writeKeys,
} from './control-plane.ts';
import { readEnvironment, type SandboxEnvironment } from './environment.ts';
import { createGuard, type Guard } from './guard.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import type { FoundPart } from './parts/part.ts';
import { createParts } from './parts/resolve.ts';
import { accepts, freePorts } from './ports.ts';
import { createProgress, type Progress } from './progress.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { createSwitch, type Switch } from './switch.ts';

/** Which servers a light cluster has besides etcd and kube-apiserver. */
export interface LightOptions {
  /** A Redis of its own; yes unless told. */
  readonly redis?: boolean;
  /** Note every request (who, verb, object) in an audit log; no unless told. A text is a policy of your own, in JSON. */
  readonly audit?: boolean | string;
  /** Keep every state that an object ever had in etcd; no unless told. */
  readonly history?: boolean;
  /** The controller manager: Deployments get ReplicaSets and Pods (which nobody runs); no unless told. */
  readonly controllerManager?: boolean;
  readonly environment?: SandboxEnvironment;
  readonly progress?: Progress;
}

/** A Kubernetes API without nodes, on loopback ports, in a temporary folder, for tests. */
export interface LightCluster {
  /** Kubeconfig of an administrator (`system:masters`), usable from anywhere on this machine. */
  readonly kubeconfigPath: string;
  /** For example `https://127.0.0.1:41233`. */
  readonly apiUrl: string;
  /** For example `redis://127.0.0.1:41234`; nothing listens there if the cluster was started without Redis. */
  readonly redisUrl: string;
  /** For example `http://127.0.0.1:41235`, without authentication. */
  readonly etcdUrl: string;
  /** Lines of JSON (`audit.k8s.io/v1` events), if an audit log was asked for. */
  readonly auditLogPath: string | undefined;
  /** Folder of logs and data; removed by {@link stop}. */
  readonly directory: string;
  /** Pids of what runs now: the servers, and the guard that ends them if this process dies. */
  pids(): number[];
  /** Pids of the servers that run now, by the name of the program. */
  serverPids(): Readonly<Record<string, number>>;
  /** The API server comes back on the same address with the same data. `kill` ends it without a farewell. */
  restartApiServer(how?: 'stop' | 'kill'): Promise<void>;
  stopApiServer(how?: 'stop' | 'kill'): Promise<void>;
  startApiServer(): Promise<void>;
  /** Redis comes back on the same address with what it had written to its append-only file. */
  stopRedis(how?: 'stop' | 'kill'): Promise<void>;
  startRedis(): Promise<void>;
  /** Ends every process and removes the folder. */
  stop(): Promise<void>;
}

const readySeconds = 60;
const serviceCidr = '10.97.0.0/16';

/**
 * Starts a light cluster; any user may, nothing of the machine is changed.
 * @throws PartsError when a server cannot be had on this machine.
 */
export async function startLight(options: LightOptions = {}): Promise<LightCluster> {
  const environment = options.environment ?? readEnvironment();
  const progress = options.progress ?? createProgress((line) => process.stderr.write(`${line}\n`));
  const redis = options.redis ?? true;
  const parts = await createParts(environment, progress).get([
    'etcd',
    'kube-apiserver',
    ...(redis ? ['redis-server' as const] : []),
    ...(options.controllerManager === true ? ['kube-controller-manager' as const] : []),
  ]);
  await mkdir(environment.temporary, { recursive: true });
  const directory = await mkdtemp(join(environment.temporary, 'aviary-light-'));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  try {
    return await assemble({ options, environment, parts, directory, guard });
  } catch (error) {
    await guard.release();
    throw error;
  }
}

interface Assembly {
  readonly options: LightOptions;
  readonly environment: SandboxEnvironment;
  readonly parts: Readonly<Partial<Record<string, FoundPart>>>;
  readonly directory: string;
  readonly guard: Guard;
}

interface Layout {
  readonly ports: Readonly<Record<'etcd' | 'peer' | 'api' | 'redis' | 'manager', number>>;
  readonly keys: ClusterKeys;
  readonly kubeconfigPath: string;
  readonly audit: { readonly policy: string; readonly log: string } | undefined;
}

async function assemble(assembly: Assembly): Promise<LightCluster> {
  const { options, directory, guard } = assembly;
  const layout = await layOut(assembly);
  const servers = switches(assembly, layout);
  const redisStarted = options.redis === false ? Promise.resolve() : servers.redis.start();
  await servers.etcd.start();
  await Promise.all([redisStarted, servers.api.start()]);
  if (options.controllerManager === true) await servers.manager.start();
  const all = Object.values(servers);
  return {
    kubeconfigPath: layout.kubeconfigPath,
    apiUrl: `https://127.0.0.1:${layout.ports.api}`,
    redisUrl: `redis://127.0.0.1:${layout.ports.redis}`,
    etcdUrl: `http://127.0.0.1:${layout.ports.etcd}`,
    auditLogPath: layout.audit?.log,
    directory,
    pids: () => [guard.pid, ...all.flatMap((server) => server.pid() ?? [])],
    serverPids: () => Object.fromEntries(all.flatMap((server) => pidOf(server))),
    restartApiServer: async (how) => {
      await servers.api.stop(how);
      await servers.api.start();
    },
    stopApiServer: (how) => servers.api.stop(how),
    startApiServer: () => servers.api.start(),
    stopRedis: (how) => servers.redis.stop(how),
    startRedis: () => servers.redis.start(),
    stop: async () => {
      await Promise.all(all.map((server) => server.stop('kill')));
      await guard.release();
    },
  };
}

function pidOf(server: Switch): [string, number][] {
  const pid = server.pid();
  return pid === undefined ? [] : [[server.name, pid]];
}

async function layOut({ options, directory }: Assembly): Promise<Layout> {
  const [etcd = 0, peer = 0, api = 0, redis = 0, manager = 0] = await freePorts(5);
  const keys = await writeKeys({
    directory: join(directory, 'keys'),
    subjects: {
      'kube-apiserver': { commonName: 'kube-apiserver', dnsNames: apiServerNames, addresses: ['127.0.0.1'] },
      admin: { commonName: 'admin', organization: 'system:masters' },
    },
  });
  const kubeconfigPath = join(directory, 'kubeconfig');
  const client = await keys.pair('admin');
  const authority = await keys.authority();
  const server = `https://127.0.0.1:${api}`;
  const kubeconfig = renderKubeconfig({ cluster: 'aviary-light', user: 'admin', server, authority, client });
  await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
  const policy = join(directory, 'audit-policy.json');
  await writeFile(policy, typeof options.audit === 'string' ? options.audit : auditPolicy);
  const isAudited = options.audit !== undefined && options.audit !== false;
  const audit = isAudited ? { policy, log: join(directory, 'audit.log') } : undefined;
  return { ports: { etcd, peer, api, redis, manager }, keys, kubeconfigPath, audit };
}

function switches(assembly: Assembly, layout: Layout): Record<'manager' | 'api' | 'etcd' | 'redis', Switch> {
  const { directory } = assembly;
  const { ports, keys, audit } = layout;
  const launch = (name: string, args: readonly string[]): ServerProcess => launchServer(assembly, name, args);
  const server = (name: string, args: readonly string[], isReady: () => Promise<boolean>): Switch =>
    createSwitch({ name, launch: () => launch(name, args), isReady, seconds: readySeconds });
  const apiArguments = apiServerArguments({
    etcdPort: ports.etcd,
    port: ports.api,
    bindAddress: '127.0.0.1',
    advertiseAddress: '127.0.0.1',
    serviceCidr,
    authorization: 'RBAC',
    keys,
    history: assembly.options.history === true,
    ...(audit === undefined ? {} : { audit }),
  });
  const managerArguments = controllerManagerArguments({
    kubeconfig: layout.kubeconfigPath,
    keys,
    port: ports.manager,
    serviceCidr,
  });
  const etcdSettings = etcdArguments({
    directory: join(directory, 'etcd'),
    clientPort: ports.etcd,
    peerPort: ports.peer,
  });
  return {
    manager: server('kube-controller-manager', managerArguments, () => accepts(ports.manager)),
    api: server('kube-apiserver', apiArguments, () => probe(layout)),
    etcd: server('etcd', etcdSettings, () => accepts(ports.etcd)),
    redis: server('redis-server', redisArguments(directory, ports.redis), () => accepts(ports.redis)),
  };
}

function launchServer({ parts, directory, environment, guard }: Assembly, name: string, args: readonly string[]) {
  const part = parts[name];
  if (part === undefined) throw new Error(`${name}: this light cluster was started without it`);
  const logFile = join(directory, `${name}.log`);
  return startServer({ name, argv: [part.path, ...args], env: environment.variables, cwd: directory, logFile, guard });
}

async function probe({ keys, ports }: Layout): Promise<boolean> {
  const [authority, admin] = await Promise.all([keys.authority(), keys.pair('admin')]);
  return isApiReady({ url: `https://127.0.0.1:${ports.api}`, authority, ...admin });
}

/** As the project's own manifest sets it, so that tests meet the same Redis as users do. */
// prettier-ignore
const redisArguments = (directory: string, port: number): string[] => [
  '--port', `${port}`,
  '--bind', '127.0.0.1',
  '--dir', directory,
  '--hz', '100',
  '--appendonly', 'yes',
  '--appendfsync', 'everysec',
  '--maxmemory-policy', 'noeviction',
];
