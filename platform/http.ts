import type { Clock } from './clock.ts';

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

/**
 * refusedAddress: the name resolves to an address the operator did not allow; badUrl, badRequest: the caller's input cannot
 * be sent; tls: certificate or handshake; network: everything else on the way. Only timeout and network are worth a retry.
 */
export type HttpErrorKind =
  | 'refusedAddress'
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'tls'
  | 'tooManyRedirects'
  | 'badUrl'
  | 'badRequest';

/** No answer was had. Any answer with a status, 500 included, is an HttpResponse. Message and fields hold no credentials. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: HttpErrorKind;

  constructor(kind: HttpErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** Which addresses a request may reach. Both default to false. */
export interface AddressPolicy {
  allowLoopback?: boolean | undefined;
  allowLinkLocal?: boolean | undefined;
}

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the environment has them. */
export interface ProxyEnvironment {
  httpProxy?: string | undefined;
  httpsProxy?: string | undefined;
  noProxy?: string | undefined;
}

export interface HttpSenderOptions {
  clock: Clock;
  userAgent: string;
  addresses?: AddressPolicy | undefined;
  proxies?: ProxyEnvironment | undefined;
  /** Connections kept per origin. Default 32. */
  connectionsPerOrigin?: number | undefined;
}

/** Sends hooks, metric queries and notifications over pooled connections. */
export interface HttpSender {
  /** Fails with HttpError only. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export function createHttpSender(_options: HttpSenderOptions): HttpSender {
  throw new Error('the HTTP sender is under construction');
}
