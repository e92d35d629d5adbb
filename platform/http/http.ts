import { type RequestInit, type Response, fetch } from 'undici';
import type { Clock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { type AddressPolicy, type Resolve, sharedResolve, systemResolve } from './address.ts';
import { readBody } from './body.ts';
import { type DispatcherPool, createDispatcherPool } from './dispatchers.ts';
import { HttpError } from './error.ts';
import { httpAbort, httpFailure } from './failure.ts';
import { isLostInUse } from './lost.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { type Hop, firstHop, nextHop } from './redirect.ts';

export type { AddressPolicy } from './address.ts';
export { HttpError, type HttpErrorKind } from './error.ts';
export type { ProxyEnvironment } from './proxy.ts';

export interface HttpRequest {
  method: string;
  /** http or https. User and password in it become Basic authentication, unless an Authorization header is given. */
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  /** Bound of the whole exchange: redirects and body included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Accept any server certificate. */
  insecureSkipVerify?: boolean | undefined;
  /** Go through this proxy (http or https URL) instead of the environment's. Its address is checked like any other. */
  proxy?: string | undefined;
  /** Default 10. */
  maxRedirects?: number | undefined;
  /** Default 4 MiB, counted after decompression. */
  maxBodyBytes?: number | undefined;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; repeated headers joined by ', '. */
  headers: Readonly<Record<string, string>>;
  text: string;
  /** The body was longer than `maxBodyBytes`; `text` is its beginning. */
  truncated: boolean;
}

export interface HttpSenderOptions {
  clock: Clock;
  userAgent: string;
  addresses?: AddressPolicy | undefined;
  proxies?: ProxyEnvironment | undefined;
  /** Connections kept per origin. Default 32. */
  connectionsPerOrigin?: number | undefined;
  /** How names become addresses; the system's resolver unless told. */
  resolve?: Resolve | undefined;
}

/**
 * Sends hooks, metric queries and notifications over pooled connections. An address that is, or resolves to, loopback or
 * link-local is refused unless allowed; it is checked when connecting, so a name that changes its address gains nothing.
 */
export interface HttpSender {
  /** Follows redirects. Fails with HttpError only. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Lets running requests finish. */
  close(): Promise<void>;
}

const defaultMaxRedirects = 10;
const defaultMaxBodyBytes = 4 * 1024 * 1024;

/** Connects with the first request; whoever makes it closes it. */
export function createHttpSender(options: HttpSenderOptions): HttpSender {
  const { clock, addresses = {}, proxies = {}, connectionsPerOrigin = 32, resolve = systemResolve } = options;
  const pool = createDispatcherPool({
    policy: addresses,
    proxies,
    connectionsPerOrigin,
    resolve: sharedResolve(resolve),
  });
  return {
    async send(request) {
      const { timeoutMs: ms, signal } = request;
      const where = describe(request);
      try {
        return await withDeadline({ clock, ms, signal }, (bounded) =>
          exchange(request, { pool, userAgent: options.userAgent, signal: bounded }),
        );
      } catch (error) {
        throw signal?.aborted ? httpAbort(where, signal.reason) : httpFailure(where, error);
      }
    },
    close: () => pool.close(),
  };
}

interface Exchange {
  pool: DispatcherPool;
  userAgent: string;
  signal: AbortSignal;
}

async function exchange(request: HttpRequest, { pool, userAgent, signal }: Exchange): Promise<HttpResponse> {
  const { insecureSkipVerify = false, proxy, maxRedirects = defaultMaxRedirects } = request;
  let hop: Hop | undefined = firstHop(request);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const { target, method, headers, body = null } = hop;
    const response = await fetchThrough(hop, {
      method,
      headers: { 'user-agent': userAgent, ...headers },
      body,
      redirect: 'manual',
      dispatcher: pool.for({ target, insecureSkipVerify, proxy }),
      signal,
    });
    hop = nextHop(hop, response.status, response.headers.get('location'));
    if (hop === undefined) return answerOf(response, request.maxBodyBytes ?? defaultMaxBodyBytes);
    await response.body?.cancel();
  }
  throw new HttpError(
    'tooManyRedirects',
    `expected an answer after at most ${maxRedirects} redirects, got another one`,
  );
}

/** As many connections of one server as may be lost one after another before that is an answer, too. */
const mostLost = 3;

/**
 * Sends a request again that was lost with a connection which had served others, if it may come twice: one that reads, or
 * has a key by which its receiver knows it again.
 */
async function fetchThrough({ target, method, headers }: Hop, init: RequestInit): Promise<Response> {
  const mayRepeat = method === 'GET' || 'idempotency-key' in headers;
  for (let lost = 0; ; lost += 1) {
    try {
      return await fetch(target, init);
    } catch (error) {
      if (!mayRepeat || lost === mostLost || !(error instanceof Error && isLostInUse(error))) throw error;
    }
  }
}

async function answerOf(response: Response, maxBodyBytes: number): Promise<HttpResponse> {
  const headers = Object.fromEntries(response.headers.entries());
  return { status: response.status, headers, ...(await readBody(response, maxBodyBytes)) };
}

/** Method and origin only: user, path and query may be secret. */
function describe({ method, url }: HttpRequest): string {
  return URL.canParse(url) ? `${method} ${new URL(url).origin}` : method;
}
