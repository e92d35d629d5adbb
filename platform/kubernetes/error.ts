/**
 * Why a request failed, as far as the caller can act on it:
 * conflict: the object has moved on (resourceVersion) or another manager owns a field: read again and decide again;
 * throttled/unavailable/timeout: the request may be repeated later, and after a timeout may have been carried out;
 * gone: the resourceVersion of a list or watch is too old: list again; aborted: the caller's signal fired.
 */
export type KubernetesErrorKind =
  | 'notFound'
  | 'conflict'
  | 'alreadyExists'
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  | 'throttled'
  | 'unavailable'
  | 'timeout'
  | 'gone'
  | 'aborted'
  | 'other';

export interface KubernetesErrorFields {
  kind: KubernetesErrorKind;
  /** What was done to which object, as `apply Deployment test/podinfo`. */
  action: string;
  /** The server's words, or what happened to the connection. */
  detail: string;
  /** HTTP status, when the server answered. */
  status?: number | undefined;
  /** `reason` of the server's Status body, as `AlreadyExists`. */
  reason?: string | undefined;
  /** The server's Retry-After in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Every failure of the Kubernetes client. The message holds no credentials and no object contents beyond the server's words. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly kind: KubernetesErrorKind;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: KubernetesErrorFields) {
    super(`${fields.action}: ${fields.detail}`, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.kind = fields.kind;
    this.status = fields.status;
    this.reason = fields.reason;
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** Is this a KubernetesError, and of one of these kinds (any kind when none is given)? */
export const isKubernetesError = (error: unknown, ...kinds: KubernetesErrorKind[]): error is KubernetesError =>
  error instanceof KubernetesError && (kinds.length === 0 || kinds.includes(error.kind));
