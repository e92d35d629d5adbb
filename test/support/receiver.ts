/** A real HTTP or HTTPS server on loopback that answers as a test tells it and keeps what it was sent. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAuthority } from '../../sandbox/certificates.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** More of the body seems to follow, and never does. */
  readonly isOpen?: boolean;
}

export interface Received {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** How to answer the request of this number, from 0. `silence`: never. */
export type Answer = (request: Received, number: number) => Reply | 'silence';

export interface Receiver {
  /** For example `http://127.0.0.1:41233`. */
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly answer?: Answer;
  /** Serve HTTPS with a certificate that nobody trusts. */
  readonly tls?: boolean;
}

export async function startReceiver({ answer = () => ({}), tls = false }: ReceiverOptions = {}): Promise<Receiver> {
  const received: Received[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const arrived: Received = { method, path: url, headers, body: await text(request) };
    received.push(arrived);
    reply(response, answer(arrived, received.length - 1));
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response);
  const server = tls ? await secureServer(listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function reply(response: ServerResponse, answer: Reply | 'silence'): void {
  if (answer === 'silence') return;
  response.writeHead(answer.status ?? 200, answer.headers);
  if (answer.isOpen === true) response.write(answer.body ?? '');
  else response.end(answer.body ?? '');
}

async function secureServer(listener: RequestListener) {
  const authority = await createAuthority('a test that nobody trusts');
  const { certificate, key } = await authority.issue({ commonName: 'receiver', addresses: ['127.0.0.1'] });
  return createTlsServer({ cert: certificate, key }, listener);
}

/** Nobody listens there: a port below those that are handed out, and none that fetch refuses to ask. */
export const deadAddress = 'http://127.0.0.1:2';
