import { type Dispatcher, request } from 'undici';
import type { Clock, Random } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { ClusterConnections } from './access.ts';
import type { CallOptions, KubernetesVerb, RequestObservation, RequestObserver } from './client.ts';
import { KubernetesError } from './error.ts';
import { failureOfAbort, failureOfAnswer, failureOfConnection } from './failure.ts';
import { pauseBeforeRetry } from './retry.ts';
import type { Logger } from '../observability/logger.ts';
import { type Tracing, noTracing } from '../observability/tracing.ts';
import type { RequestRate } from './request-rate.ts';
import { isUrgent } from './urgency.ts';

/** One request to the API server. */
export interface Call extends CallOptions {
  /** For messages: `apply Deployment test/podinfo`. */
  action: string;
  verb: KubernetesVerb;
  /** For metrics: `deployments.apps`. */
  resource: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  path: string;
  accept?: string | undefined;
  body?: { contentType: string; json: unknown } | undefined;
  /** May it be sent again although the first one perhaps arrived? */
  repeatable: boolean;
}

export interface TransportOptions {
  connections: ClusterConnections;
  userAgent: string;
  clock: Clock;
  random: Random;
  log: Logger;
  observe: RequestObserver;
  tracing?: Tracing | undefined;
  /** Absent: as many requests as are asked for. */
  rate?: Pick<RequestRate, 'take' | 'refused'> | undefined;
}

export type AnswerBody = Dispatcher.ResponseData['body'];

export interface Transport {
  /** The body of a 2xx answer. Retries within the call's bound. */
  send(call: Call): Promise<string>;
  /** One attempt; the body of a 2xx answer as it arrives, for as long as the signal allows. */
  open(call: Call, signal: AbortSignal): Promise<AnswerBody>;
}

const defaultTimeoutMs = 10_000;

/** Both methods fail with KubernetesError only. The connections stay the caller's. */
export function createTransport(options: TransportOptions): Transport {
  return {
    send: (call) => sendWithin(options, call),
    open: async (call, signal) => {
      await options.rate?.take({ urgent: isUrgent(call.signal), signal });
      return attempt(options, call, { signal, dispatcher: 'watches', read: async (body) => body });
    },
  };
}

async function sendWithin(options: TransportOptions, call: Call): Promise<string> {
  const { clock } = options;
  const ms = call.timeoutMs ?? defaultTimeoutMs;
  const progress: Progress = { endsAt: clock.now() + ms, last: undefined };
  try {
    return await withDeadline({ clock, ms, signal: call.signal }, (signal) =>
      sendWithRetries(options, call, { signal, progress }),
    );
  } catch (error) {
    throw error instanceof KubernetesError ? error : failureOfAbort(call.action, error, progress.last);
  }
}

interface Progress {
  endsAt: number;
  /** Why the attempt before failed: told when time runs out. */
  last: KubernetesError | undefined;
}

interface Sending {
  signal: AbortSignal;
  progress: Progress;
}

/** Waits until the process may send one more request; a call whose time runs out meanwhile says so. */
async function turnOf({ rate }: TransportOptions, call: Call, { signal, progress }: Sending): Promise<void> {
  if (rate === undefined) return;
  const before = progress.last;
  progress.last = before ?? new KubernetesError({ kind: 'throttled', action: call.action, detail: noTurn });
  await rate.take({ urgent: isUrgent(call.signal), signal });
  progress.last = before;
}

const noTurn = 'not sent: too many requests wait for their turn (KUBERNETES_QPS, or less while the API server refuses)';

async function sendWithRetries(options: TransportOptions, call: Call, { signal, progress }: Sending): Promise<string> {
  const { clock, random, log } = options;
  for (let attempts = 1; ; attempts += 1) {
    await turnOf(options, call, { signal, progress });
    try {
      return await tracedAttempt(options, call, signal);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const remainingMs = progress.endsAt - clock.now();
      const pauseMs = pauseBeforeRetry(error, { attempts, random, remainingMs, repeatable: call.repeatable });
      if (pauseMs === undefined) throw error;
      progress.last = error;
      log.debug({ action: call.action, kind: error.kind, status: error.status, pauseMs }, 'kubernetes request retried');
      await clock.sleep(pauseMs, signal);
    }
  }
}

function tracedAttempt(options: TransportOptions, call: Call, signal: AbortSignal): Promise<string> {
  const { tracing = noTracing } = options;
  const attributes = { 'http.request.method': call.method, 'aviary.resource': call.resource };
  return tracing.during({ name: `${call.verb} ${call.resource}`, kind: 'client', attributes, inner: true }, () =>
    attempt(options, call, { signal, dispatcher: 'requests', read: (body) => body.text() }),
  );
}

interface Attempt<T> {
  signal: AbortSignal;
  dispatcher: 'requests' | 'watches';
  read: (body: AnswerBody) => Promise<T>;
}

/** Sends once; fails with KubernetesError only. */
async function attempt<T>(options: TransportOptions, call: Call, { signal, dispatcher, read }: Attempt<T>): Promise<T> {
  const { clock, connections, userAgent } = options;
  const startedAt = clock.now();
  let code: RequestObservation['code'] = 'network';
  try {
    const connection = await connections.current();
    const answer = await request(`${connection.server}${call.path}`, {
      method: call.method,
      headers: { ...headersOf(call), 'user-agent': userAgent, ...connection.headers },
      body: call.body === undefined ? null : JSON.stringify(call.body.json),
      dispatcher: connection[dispatcher],
      signal,
    });
    code = answer.statusCode;
    if (isSuccess(answer.statusCode)) return await read(answer.body);
    throw await failureOf(call, answer, clock.now());
  } catch (error) {
    const failure = failureOfConnection(call.action, error, signal);
    if (failure.status === undefined) code = codeOf(failure);
    if (isRefusal(failure)) {
      options.rate?.refused({ urgent: isUrgent(call.signal), retryAfterMs: failure.retryAfterMs });
    }
    throw failure;
  } finally {
    const { verb, resource } = call;
    options.observe({ verb, resource, code, durationMs: clock.now() - startedAt });
  }
}

const headersOf = ({ accept = 'application/json', body }: Call): Record<string, string> => ({
  accept,
  ...(body === undefined ? {} : { 'content-type': body.contentType }),
});

/** Too many requests: said in so many words, or by a 503 that tells when to come back. */
const isRefusal = ({ kind, status, retryAfterMs }: KubernetesError): boolean =>
  kind === 'throttled' || (status === 503 && retryAfterMs !== undefined);

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

async function failureOf(call: Call, answer: Dispatcher.ResponseData, now: number): Promise<KubernetesError> {
  const retryAfter = answer.headers['retry-after'];
  return failureOfAnswer({
    action: call.action,
    status: answer.statusCode,
    body: await answer.body.text(),
    retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    now,
  });
}

function codeOf({ kind }: KubernetesError): RequestObservation['code'] {
  return kind === 'timeout' || kind === 'aborted' ? kind : 'network';
}
