import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority } from '../../sandbox/certificates.ts';

export interface ReceivedRequest {
  method: string;
  /** Path with query. */
  url: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What the server does with a request. */
export type Answer =
  | { kind: 'json'; status: number; body: unknown; headers: Record<string, string> }
  | { kind: 'text'; status: number; text: string }
  /** Never answers. */
  | { kind: 'hang' }
  /** Closes the socket without an answer. */
  | { kind: 'drop' }
  /** Answers 200 and keeps the body open for `play`. */
  | { kind: 'stream'; play: (stream: AnswerStream) => void };

export interface AnswerStream {
  /** Sends one watch event. */
  event: (type: string, object: unknown) => void;
  write: (chunk: string | Uint8Array) => void;
  end: () => void;
  /** Destroys the socket in the middle. */
  drop: () => void;
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  kind: 'json',
  status,
  body,
  headers,
});
export const text = (content: string, status = 200): Answer => ({ kind: 'text', status, text: content });
export const hang: Answer = { kind: 'hang' };
export const drop: Answer = { kind: 'drop' };
export const stream = (play: (stream: AnswerStream) => void): Answer => ({ kind: 'stream', play });

/** A failure as the API server words it. */
export const failure = (code: number, reason: string, message = `server says ${reason}`): Answer =>
  json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code);

/** A list page. */
export const page = (items: unknown[], resourceVersion: string, next?: string): Answer =>
  json({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion, continue: next }, items });

export interface FakeApiServer {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly caCertificate: string;
  readonly requests: ReceivedRequest[];
  /** TLS connections accepted so far. */
  connections(): number;
  /** Connections open now. */
  openConnections(): number;
  /** Decides every answer from now on. */
  answerWith(decide: (request: ReceivedRequest) => Answer): void;
  /** Gives these answers one after another; a request beyond them fails the test by a 500. */
  answerInOrder(...answers: Answer[]): void;
  close(): Promise<void>;
}

export interface FakeApiServerOptions {
  /** Default: one of its own. */
  authority?: Authority;
  /** Default: any free port. */
  port?: number;
}

export const fakeToken = 'token-of-the-fake-api-server';

/** A scripted HTTPS API server on loopback, with a kubeconfig that leads to it. */
export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  // Loaded here, not within the bound of the first request that a test waits for: it takes a second and more.
  await import('../../platform/kubernetes/kubeconfig.ts');
  const authority = options.authority ?? (await createAuthority('fake-authority'));
  const certificate = await authority.issue({ commonName: 'fake', addresses: ['127.0.0.1'], dnsNames: ['localhost'] });
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  let decide: (request: ReceivedRequest) => Answer = () => text('no answer was scripted', 500);

  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    void (async () => {
      const received = await receive(request);
      requests.push(received);
      give(decide(received), response);
    })();
  });
  server.on('secureConnection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = await mkdtemp(join(tmpdir(), 'fake-api-server-'));
  const kubeconfigPath = join(directory, 'kubeconfig');
  await writeFile(kubeconfigPath, kubeconfig(url, authority.certificate));
  return {
    url,
    kubeconfigPath,
    caCertificate: authority.certificate,
    requests,
    connections: () => accepted,
    openConnections: () => sockets.size,
    answerWith: (decision) => {
      decide = decision;
    },
    answerInOrder: (...answers) => {
      const rest = [...answers];
      decide = () => rest.shift() ?? text('one request more than was scripted', 500);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  const { pathname, searchParams } = new URL(url, 'https://fake');
  return { method, url, path: pathname, query: searchParams, headers, body: Buffer.concat(chunks).toString() };
}

function give(answer: Answer, response: ServerResponse): void {
  switch (answer.kind) {
    case 'json':
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
      return;
    case 'text':
      response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.text);
      return;
    case 'hang':
      return;
    case 'drop':
      response.socket?.destroy();
      return;
    case 'stream':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      answer.play({
        event: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
        write: (chunk) => void response.write(chunk),
        end: () => void response.end(),
        drop: () => void response.socket?.destroy(),
      });
  }
}

const kubeconfig = (server: string, certificate: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    clusters: [
      {
        name: 'fake',
        cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
      },
    ],
    users: [{ name: 'fake', user: { token: fakeToken } }],
  });
