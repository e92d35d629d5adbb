/**
 * refusedAddress: the host is, or resolves to, an address the operator did not allow; badUrl, badRequest: what the caller gave
 * cannot be sent; tls: certificate or handshake; network: everything else on the way. Only timeout and network are worth a retry.
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

/** No answer was had; an answer of any status is an HttpResponse. The message holds no credentials, path or query. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: HttpErrorKind;

  constructor(kind: HttpErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
