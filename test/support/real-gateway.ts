/** Contour and Envoy as they are, on loopback ports, over a light cluster: HTTPRoutes with real traffic, without pods. */
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { endpointSlices, namespaces, resource, services } from '../../platform/kubernetes/resources.ts';
import { readEnvironment } from '../../sandbox/environment.ts';
import { gatewayDefinitions } from '../../sandbox/gateway/definitions.ts';
import { gatewayName, gatewayNamespace, gatewayObjects } from '../../sandbox/gateway/gateway.ts';
import { createGuard, type Guard } from '../../sandbox/guard.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { accepts, freePorts } from '../../sandbox/ports.ts';
import { silent } from '../../sandbox/progress.ts';
import { runOrThrow } from '../../sandbox/run.ts';
import { type ServerProcess, startServer } from '../../sandbox/server-process.ts';
import { parseObjects } from '../../sandbox/story/example.ts';
import { install } from './definitions.ts';
import type { LightClient } from './light-client.ts';

export interface RealGateway {
  /** Where users call; nothing listens before the first route is accepted. */
  readonly url: string;
  close(): Promise<void>;
}

/** Contour has Envoy listen so many ports above the port of a Gateway's listener. */
const portOffset = 8000;

const resourceOf = (kind: string, namespaced: boolean) =>
  resource({
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    plural: kind === 'GatewayClass' ? 'gatewayclasses' : 'gateways',
    kind,
    namespaced,
  });

/** Installs the definitions and the Gateway, and starts both programs. The first time Contour is compiled, which takes minutes. */
export async function startRealGateway({ user, kubeconfigPath }: LightClient): Promise<RealGateway> {
  const environment = readEnvironment();
  const parts = await createParts(environment, silent).get(['contour', 'envoy']);
  const definitions = (await gatewayDefinitions(environment)).flatMap(parseObjects);
  for (const definition of definitions) await install(user, definition);
  const [xds = 0, status = 0, health = 0, stats = 0, traffic = 0] = await freePorts(5);
  await applyGateway(user, traffic - portOffset);
  const directory = await mkdtemp(join(tmpdir(), 'aviary-gateway-'));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  const start = starter(directory, guard);
  const contour = await startContour(start, {
    program: parts.contour.path,
    kubeconfigPath,
    directory,
    ports: { xds, status, health, stats },
  });
  const envoy = await startEnvoy(start, { contour: parts.contour.path, envoy: parts.envoy.path, directory, xds });
  return {
    url: `http://127.0.0.1:${traffic}`,
    close: async () => {
      await Promise.all([envoy.kill(), contour.kill()]);
      await guard.release();
    },
  };
}

async function applyGateway(user: KubernetesClient, port: number): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: gatewayNamespace } };
  await user.create(namespaces, namespace);
  for (const object of gatewayObjects()) {
    const isGateway = object.kind === 'Gateway';
    const listeners = [{ name: 'http', protocol: 'HTTP', port, allowedRoutes: { namespaces: { from: 'All' } } }];
    const spec = { ...(object['spec'] as object), ...(isGateway ? { listeners } : {}) };
    await user.apply(resourceOf(object.kind, isGateway), { ...object, spec });
  }
}

type Start = (name: string, argv: readonly [string, ...string[]]) => ServerProcess;

const starter =
  (directory: string, guard: Guard): Start =>
  (name, argv) =>
    startServer({
      name,
      argv,
      env: { CONTOUR_NAMESPACE: gatewayNamespace },
      cwd: directory,
      logFile: join(directory, `${name}.log`),
      guard,
    });

interface ContourOptions {
  readonly program: string;
  readonly kubeconfigPath: string;
  readonly directory: string;
  readonly ports: Readonly<Record<'xds' | 'status' | 'health' | 'stats', number>>;
}

async function startContour(start: Start, options: ContourOptions): Promise<ServerProcess> {
  const { program, kubeconfigPath, directory, ports } = options;
  const settings = { gateway: { gatewayRef: { namespace: gatewayNamespace, name: gatewayName } } };
  await writeFile(join(directory, 'contour.yaml'), stringify(settings));
  const server = start('contour', [
    program,
    'serve',
    `--kubeconfig=${kubeconfigPath}`,
    '--insecure',
    '--xds-address=127.0.0.1',
    `--xds-port=${ports.xds}`,
    '--http-address=127.0.0.1',
    `--http-port=${ports.status}`,
    '--health-address=127.0.0.1',
    `--health-port=${ports.health}`,
    '--stats-address=127.0.0.1',
    `--stats-port=${ports.stats}`,
    '--disable-leader-election',
    `--config-path=${join(directory, 'contour.yaml')}`,
  ]);
  await server.ready(() => accepts(ports.xds), 60);
  return server;
}

interface EnvoyOptions {
  readonly contour: string;
  readonly envoy: string;
  readonly directory: string;
  readonly xds: number;
}

async function startEnvoy(start: Start, { contour, envoy, directory, xds }: EnvoyOptions): Promise<ServerProcess> {
  const file = join(directory, 'envoy.json');
  const bootstrap = [
    `--admin-address=${join(directory, 'admin.sock')}`,
    '--xds-address=127.0.0.1',
    `--xds-port=${xds}`,
    '--xds-resource-version=v3',
  ];
  const env = { CONTOUR_NAMESPACE: gatewayNamespace };
  await runOrThrow({ argv: [contour, 'bootstrap', file, ...bootstrap], cwd: directory, env, seconds: 30 });
  const names = ['--service-cluster', gatewayNamespace, '--service-node', 'envoy'];
  return start('envoy', [envoy, '-c', file, ...names, '--concurrency', '1', '--disable-hot-restart']);
}

export interface Backend {
  /** Requests that it has got, as their paths. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A Service whose one endpoint is a server of this process; it answers with its own name. */
export async function startBackend(user: KubernetesClient, namespace: string, name: string): Promise<Backend> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end(name);
  });
  const address = reachableAddress();
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const metadata = { name, namespace };
  const ports = [{ name: 'http', port: 9898, protocol: 'TCP' }];
  await user.create(services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } });
  await user.create(endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });
  return {
    seen,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The API server takes no loopback address for an endpoint. */
function reachableAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found !== undefined) return found.address;
  throw new Error('expected an IPv4 address of this machine that is not a loopback one, found none');
}
