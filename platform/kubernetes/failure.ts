import { parseInstant } from '../clock.ts';
import { DeadlineError } from '../deadline.ts';
import { KubernetesError, type KubernetesErrorKind } from './error.ts';
import { isRecord, numberAt, stringAt } from '../json.ts';
import { messageOf } from '../error-message.ts';

/** A Status body of the API server, as far as we use it. */
interface ServerStatus {
  message: string | undefined;
  reason: string | undefined;
  retryAfterSeconds: number | undefined;
}

export interface FailedAnswer {
  /** What was done to which object. */
  action: string;
  status: number;
  body: string;
  retryAfter?: string | undefined;
  /** Epoch ms, for a Retry-After that is a date. */
  now: number;
}

/** The error of an answer that is not 2xx. */
export function failureOfAnswer({ action, status, body, retryAfter, now }: FailedAnswer): KubernetesError {
  const said = readStatus(body);
  return new KubernetesError({
    kind: kindOfStatus(status, said.reason),
    action,
    detail: `${status}${said.reason === undefined ? '' : ` ${said.reason}`}: ${said.message ?? excerpt(body)}`,
    status,
    reason: said.reason,
    retryAfterMs: retryAfterMs(retryAfter, now) ?? secondsToMs(said.retryAfterSeconds),
  });
}

/** The error of an ERROR event in a watch: its object is a Status. */
export function failureOfStatusObject(action: string, object: unknown): KubernetesError {
  const status = numberAt(object, 'code') ?? 500;
  return failureOfAnswer({ action, status, body: JSON.stringify(object) ?? '', now: 0 });
}

/** The error of a request that got no answer. */
export function failureOfConnection(action: string, error: unknown, signal: AbortSignal): KubernetesError {
  if (error instanceof KubernetesError) return error;
  if (signal.aborted) return failureOfAbort(action, signal.reason);
  const code = codeOf(error);
  const detail = `no answer from the API server: ${code === undefined ? '' : `${code}: `}${messageOf(error)}`;
  return new KubernetesError({ kind: 'unavailable', action, detail, cause: error });
}

/** The error of a request that was given up: a bound of ours, or the caller's signal. */
export function failureOfAbort(action: string, reason: unknown, last?: KubernetesError): KubernetesError {
  if (!(reason instanceof DeadlineError)) {
    return new KubernetesError({ kind: 'aborted', action, detail: `aborted: ${messageOf(reason)}`, cause: reason });
  }
  const lastWords = last === undefined ? '' : `; the last attempt said: ${last.message}`;
  const detail = `the API server did not answer within ${reason.ms} ms${lastWords}`;
  return new KubernetesError({ kind: 'timeout', action, detail, cause: last ?? reason });
}

/** Codes of failures that happen before anything was sent. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Did the request certainly not reach the server? Then even a create may be repeated. */
export const isUnsent = (error: KubernetesError): boolean => unsentCodes.has(codeOf(error.cause) ?? '');

function kindOfStatus(status: number, reason: string | undefined): KubernetesErrorKind {
  if (status === 409 && reason === 'AlreadyExists') return 'alreadyExists';
  return kinds.get(status) ?? (status >= 500 ? 'unavailable' : 'other');
}

const kinds: ReadonlyMap<number, KubernetesErrorKind> = new Map<number, KubernetesErrorKind>([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [408, 'timeout'],
  [409, 'conflict'],
  [410, 'gone'],
  [422, 'invalid'],
  [429, 'throttled'],
  [504, 'timeout'],
]);

function readStatus(body: string): ServerStatus {
  const parsed = parseJson(body);
  return {
    message: stringAt(parsed, 'message'),
    reason: stringAt(parsed, 'reason'),
    retryAfterSeconds: numberAt(parsed, 'details', 'retryAfterSeconds'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page or plain text: the caller shows an excerpt instead.
    return undefined;
  }
}

function excerpt(body: string): string {
  const line = body.replaceAll(/\s+/g, ' ').trim();
  if (line === '') return 'the answer has no body';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const instant = parseInstant(header);
  return instant === undefined ? undefined : Math.max(instant - now, 0);
}

const secondsToMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

function codeOf(error: unknown): string | undefined {
  if (!isRecord(error)) return undefined;
  return stringAt(error, 'code') ?? codeOf(error['cause']);
}
