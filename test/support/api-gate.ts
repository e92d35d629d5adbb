/**
 * A way to the API server at which a test sees what each process asks, and holds single requests back: so it can stop a
 * process between two of its writes, and let a write arrive late.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as sendTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LightCluster } from '../../sandbox/light.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { parseKubeconfig } from './kubeconfig-keys.ts';

export interface GateRequest {
  /** Who asks: the name that its kubeconfig was made for. */
  readonly client: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Parsed JSON; undefined when there is none. */
  readonly body: unknown;
  /** Of the answer, once there is one. */
  readonly status?: number;
}

export interface Held extends GateRequest {
  /** Sends it on, whether its sender still lives or not; resolves to the status of the answer. */
  letThrough(): Promise<number>;
}

export interface Hold {
  /** For the error, as `the status write of weight 20`. */
  readonly what: string;
  readonly matches: (request: GateRequest) => boolean;
  readonly seconds?: number;
}

export interface ApiGate {
  /** Path of a kubeconfig that leads through the gate. */
  kubeconfig(client: string): Promise<string>;
  /** In the order of their arrival. */
  readonly requests: readonly GateRequest[];
  /** Keeps the next request that matches; fails when none comes in time (30 s unless told). */
  hold(hold: Hold): Promise<Held>;
  close(): Promise<void>;
}

export async function startApiGate(light: LightCluster): Promise<ApiGate> {
  const keys = await parseKubeconfig(light.kubeconfigPath);
  const agent = new Agent({ ca: keys.authority, cert: keys.certificate, key: keys.key, keepAlive: true });
  const gate: Gate = { apiUrl: light.apiUrl, agent, requests: [], orders: [] };
  const server = createServer((request, response) => void serve(gate, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    requests: gate.requests,
    kubeconfig: async (client) => {
      const path = join(light.directory, `kubeconfig-${client}`);
      await writeFile(path, kubeconfigOf(`http://127.0.0.1:${port}/${client}`));
      return path;
    },
    hold: ({ what, matches, seconds = 30 }) => {
      const order: Order = { matches, held: undefined };
      gate.orders.push(order);
      return waitFor({ what, seconds, every: 10, look: () => order.held });
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

interface Order {
  readonly matches: (request: GateRequest) => boolean;
  held: Held | undefined;
}

interface Gate {
  readonly apiUrl: string;
  readonly agent: Agent;
  readonly requests: Arrived[];
  readonly orders: Order[];
}

type Arrived = { -readonly [K in keyof GateRequest]: GateRequest[K] };

async function serve(gate: Gate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, client = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
  const body = await text(request).catch(() => '');
  const arrived: Arrived = {
    client,
    method: request.method ?? '',
    path: path.split('?')[0] ?? '',
    body: body === '' ? undefined : JSON.parse(body),
  };
  gate.requests.push(arrived);
  const passOn = (): Promise<number> => forward({ gate, request, response, path, body, arrived });
  const order = gate.orders.find(({ held, matches }) => held === undefined && matches(arrived));
  if (order === undefined) await passOn().catch(() => response.destroy());
  else order.held = { ...arrived, letThrough: passOn };
}

interface Passage {
  readonly gate: Gate;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly body: string;
  readonly arrived: Arrived;
}

async function forward({ gate, request, response, path, body, arrived }: Passage): Promise<number> {
  const { host: _host, ...headers } = request.headers;
  const upstream = sendTls(`${gate.apiUrl}${path}`, { method: request.method, headers, agent: gate.agent });
  // A watch goes on for as long as its client wants it.
  response.once('close', () => upstream.destroy());
  upstream.end(body);
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
  upstream.on('error', () => response.destroy());
  const status = answer.statusCode ?? 0;
  arrived.status = status;
  response.writeHead(status, answer.headers);
  response.flushHeaders();
  answer.on('error', () => response.destroy());
  answer.pipe(response);
  return status;
}

/** The client takes an address without TLS only together with this permission. */
const withoutTls = { 'insecure-skip-tls-verify': true };

const kubeconfigOf = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'gate', cluster: { server, ...withoutTls } }],
    users: [{ name: 'gate', user: {} }],
    contexts: [{ name: 'gate', context: { cluster: 'gate', user: 'gate' } }],
    'current-context': 'gate',
  });
