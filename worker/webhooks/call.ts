/** Calls one hook: attempts, back-off and the words for a refusal. Specification of webhooks, section 2. */
import { STATUS_CODES } from 'node:http';
import type { Action } from '../../canary/action.ts';
import { formatGoDuration } from '../../canary/go-duration.ts';
import type { HookAnswer } from '../../canary/hook-answer.ts';
import type { Webhook } from '../../canary/spec.ts';
import type { Clock, Random } from '../../platform/clock.ts';
import { HttpError } from '../../platform/http/http.ts';
import type { HttpRequest, HttpResponse, HttpSender } from '../../platform/http/http.ts';
import type { StepContext } from '../context.ts';
import { excerptWithout, longestBody, secretsOf, withoutCredentials } from '../shown.ts';
import { retryAfterMs } from './retry-after.ts';
import { hookBody } from './payload.ts';
import { answerableMs } from './slow-hooks.ts';

export interface HookCallerOptions {
  readonly http: HttpSender;
  readonly clock: Clock;
  /** Spreads callers that a receiver told to come back at the same time. */
  readonly random: Random;
  readonly observe?: HookObserver | undefined;
}

/** One call with all its attempts and pauses; times in milliseconds. */
export interface HookObservation {
  readonly type: Webhook['type'];
  /** `unanswered`: no attempt came to a yes or no. */
  readonly outcome: 'passed' | 'refused' | 'unanswered';
  readonly durationMs: number;
}

export type HookObserver = (observation: HookObservation) => void;

export type CallHook = Extract<Action, { kind: 'callHook' }>;

/** Asks a hook. Rejects only with the reason of an aborted step. */
export type HookCaller = (step: StepContext, action: CallHook) => Promise<HookAnswer>;

/** What one attempt came to. */
type Attempt =
  | { readonly kind: 'passed' }
  /** The receiver answered that it does not agree. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The receiver could not be asked, or could not answer. `isFinal`: asking again is of no use. */
  | {
      readonly kind: 'failed';
      readonly detail: string;
      readonly isFinal: boolean;
      readonly retryAfterMs?: number | undefined;
    };

/**
 * A hook that wants more time than the step has left has not passed: a step that is aborted over it would ask it again in
 * every slot and never say why.
 */
export function createHookCaller(options: HookCallerOptions): HookCaller {
  return async (step, action) => {
    const { clock, observe } = options;
    const startedAt = clock.now();
    const { outcome, detail } = await askUntilAnswered(options, step, action);
    observe?.({ type: action.hook.type, outcome, durationMs: clock.now() - startedAt });
    const passed = outcome === 'passed';
    return outcome === 'unanswered' ? { passed, detail, unanswered: true } : { passed, detail };
  };
}

type Answered = Pick<HookObservation, 'outcome'> & Pick<HookAnswer, 'detail'>;

async function askUntilAnswered(options: HookCallerOptions, step: StepContext, action: CallHook): Promise<Answered> {
  const { clock } = options;
  const request = requestOf(step, action);
  const lastsUntil = step.now + answerableMs(step.endsAt - step.now);
  const late = noTimeLeft(action.hook);
  const failed = (attempts: number, why: string): Answered => ({
    outcome: 'unanswered',
    detail: givingUp(action.hook, attempts, why),
  });
  for (let attempts = 1; ; attempts += 1) {
    const leftMs = lastsUntil - clock.now();
    if (leftMs <= 0) return failed(attempts - 1, late);
    const clipped = { ...request, timeoutMs: Math.min(request.timeoutMs, leftMs) };
    const attempt = await attemptOnce(options, step, { hook: action.hook, request: clipped });
    if (attempt.kind === 'passed') return { outcome: 'passed', detail: '' };
    if (attempt.kind === 'refused') return { outcome: 'refused', detail: attempt.detail };
    // How long the last attempt had would differ from step to step, and each would be an Event of its own.
    if (clock.now() >= lastsUntil) return failed(attempts, late);
    if (attempt.isFinal || attempts > action.hook.retries) return failed(attempts, attempt.detail);
    const pauseMs = waitMs(attempts, attempt.retryAfterMs, options.random);
    if (clock.now() + pauseMs >= lastsUntil) return failed(attempts, `${attempt.detail}; ${late}`);
    await clock.sleep(pauseMs, step.signal);
  }
}

/** Times in Go's form, as the Canary has them. */
const noTimeLeft = ({ name, timeoutMs, retries }: Webhook): string =>
  `no time is left in the step for webhook '${name}' (timeout ${formatGoDuration(timeoutMs)}, retries ${retries}): ` +
  'shorten timeout and retries of the webhooks, or have the operator raise STEP_TIMEOUT';

function requestOf({ canary, signal }: StepContext, action: CallHook): HttpRequest {
  const { hook, idempotencyKey } = action;
  return {
    method: 'POST',
    url: hook.url,
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: hookBody(canary, action),
    timeoutMs: hook.timeoutMs,
    signal,
    insecureSkipVerify: hook.disableTLS,
    maxBodyBytes: longestBody,
  };
}

interface Asking {
  readonly hook: Webhook;
  readonly request: HttpRequest;
}

async function attemptOnce(
  { http, clock }: HookCallerOptions,
  step: StepContext,
  { hook, request }: Asking,
): Promise<Attempt> {
  try {
    return attemptOf(hook, await http.send(request), clock.now());
  } catch (error) {
    step.signal.throwIfAborted();
    if (!(error instanceof HttpError)) throw error;
    const isFinal = error.kind !== 'timeout' && error.kind !== 'network';
    return { kind: 'failed', isFinal, detail: error.message };
  }
}

function attemptOf(hook: Webhook, { status, text, headers }: HttpResponse, now: number): Attempt {
  if (status >= 200 && status < 300) return { kind: 'passed' };
  const body = excerptWithout(text.trim(), secretsOf(hook.url, isTokenPath(hook)));
  if (!isRetryable(status)) return { kind: 'refused', detail: body === '' ? statusLine(status) : body };
  const asked = status === 429 || status === 503 ? retryAfterMs(headers['retry-after'], now) : undefined;
  return { kind: 'failed', isFinal: false, detail: `${status} ${body}`.trimEnd(), retryAfterMs: asked };
}

const isRetryable = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

const statusLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();

const givingUp = (hook: Webhook, attempts: number, why: string): string =>
  `POST ${shownUrl(hook)} giving up after ${attempts} attempt(s): ${why}`;

/** What is said of a receiver of events stands in the log of the operator, and its path may be a token. */
const isTokenPath = ({ type }: Webhook): boolean => type === 'event';

const shownUrl = (hook: Webhook): string =>
  isTokenPath(hook) && URL.canParse(hook.url) ? new URL(hook.url).origin : withoutCredentials(hook.url);

const longestWaitMs = 30_000;

/** 1, 2, 4, … seconds, or what the receiver asked for and up to a second more; never above 30 seconds. */
function waitMs(attempts: number, askedMs: number | undefined, random: Random): number {
  const wait = askedMs === undefined ? 1000 * 2 ** (attempts - 1) : askedMs + Math.floor(random() * 1000);
  return Math.min(wait, longestWaitMs);
}
