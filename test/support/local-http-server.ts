import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { createAuthority } from '../../sandbox/certificates.ts';

export interface HttpServerRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface LocalHttpServer {
  readonly url: string;
  readonly port: number;
  readonly requests: HttpServerRequest[];
  connections(): number;
  openConnections(): number;
  close(): Promise<void>;
}

export interface LocalHttpServerOptions {
  tls?: boolean;
  /** Answers; the request's body has been read. Default: 200 with 'ok'. */
  answer?: (request: HttpServerRequest, response: Parameters<RequestListener>[1]) => void;
}

/** An HTTP server on 127.0.0.1; with `tls`, its certificate is signed by an authority nobody knows. */
export async function startHttpServer(options: LocalHttpServerOptions = {}): Promise<LocalHttpServer> {
  const { tls = false, answer = (_request, response) => void response.end('ok') } = options;
  const requests: HttpServerRequest[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  const listener: RequestListener = (request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url = '', headers } = request;
      const received = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(received);
      answer(received, response);
    })();
  };
  const server = tls ? createTlsServer(await certificate(), listener) : createServer(listener);
  // A test on a busy machine may leave a connection idle for longer than a server keeps one.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A proxy's tunnel: the test's servers serve as proxies too.
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    requests.push({ method: 'CONNECT', url: request.url ?? '', headers: request.headers, body: '' });
    const port = Number(request.url?.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => accepted,
    openConnections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function certificate(): Promise<{ cert: string; key: string }> {
  const authority = await createAuthority('unknown-authority');
  const issued = await authority.issue({ commonName: 'local', addresses: ['127.0.0.1'], dnsNames: ['hook.test'] });
  return { cert: issued.certificate, key: issued.key };
}
