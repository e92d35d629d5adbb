/** Who hooks and alerts are sent to: a server on this machine that takes JSON and answers with a status. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseJson } from '../platform/json.ts';

/** A request that has come in whole. */
export interface Post {
  readonly path: string;
  readonly body: unknown;
  /** The header Idempotency-Key; empty without one. */
  readonly idempotencyKey: string;
}

export interface PostServer {
  /** For example `http://127.0.0.1:41233`. */
  readonly url: string;
  /** Also ends the connections on which something still goes on. */
  close(): Promise<void>;
}

/** @param answer the HTTP status to answer with */
export async function servePosts(answer: (post: Post) => number | Promise<number>): Promise<PostServer> {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = parseJson(await text(request));
    const idempotencyKey = String(request.headers['idempotency-key'] ?? '');
    response.writeHead(await answer({ path: request.url ?? '', body, idempotencyKey }));
    response.end();
  };
  // A worker that was killed in the middle of its question has not asked.
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
