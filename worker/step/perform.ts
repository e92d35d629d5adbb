/** From what the rules want to what an adapter does, and from what went wrong to a value that the rules can weigh. */
import type { Action, Answers, Failure, FailureReason, Outcome } from '../../canary/action.ts';
import { HttpError } from '../../platform/http/http.ts';
import type { HttpErrorKind } from '../../platform/http/http.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesErrorKind } from '../../platform/kubernetes/error.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { MetricError } from '../metrics/provider.ts';
import { StatusConflict } from './save-status.ts';
import { messageOf } from '../../platform/error-message.ts';

type Kind = Action['kind'];
type ActionOf<K extends Kind> = Extract<Action, { readonly kind: K }>;

/** One function per kind of action. A kind that is added to the rules and not here does not compile. */
export type Performers = {
  readonly [K in Kind]: (step: StepContext, action: ActionOf<K>) => Promise<Answers[K]>;
};

/** The kinds that reach the world; the step itself sees to the others. */
export type Adapters = Omit<Performers, 'record' | 'setFinalizer' | 'together'>;

/**
 * Carries an action out. Whatever an adapter throws becomes a failure, with one exception.
 *
 * @throws the signal's reason when the step has been aborted, what `record` throws, and StatusConflict: all end the step
 */
export async function perform(performers: Performers, step: StepContext, action: Action): Promise<Outcome> {
  step.signal.throwIfAborted();
  try {
    return { ok: true, value: await carryOut(performers, step, action) };
  } catch (error) {
    step.signal.throwIfAborted();
    if (action.kind === 'record' || error instanceof StatusConflict) throw error;
    return { ok: false, failure: failureOf(error) };
  }
}

function carryOut(performers: Performers, step: StepContext, action: Action): Promise<unknown> {
  // TypeScript can't see that the row of a kind takes the actions of that kind; the table's type guarantees it.
  const performer = performers[action.kind] as (step: StepContext, action: Action) => Promise<unknown>;
  return performer(step, action);
}

const ofKubernetes: Readonly<Record<KubernetesErrorKind, FailureReason>> = {
  notFound: 'notFound',
  conflict: 'conflict',
  alreadyExists: 'conflict',
  invalid: 'invalid',
  forbidden: 'forbidden',
  unauthorized: 'forbidden',
  throttled: 'unavailable',
  unavailable: 'unavailable',
  timeout: 'unavailable',
  gone: 'unavailable',
  aborted: 'unavailable',
  other: 'other',
};

const ofHttp: Readonly<Record<HttpErrorKind, FailureReason>> = {
  refusedAddress: 'forbidden',
  timeout: 'unavailable',
  aborted: 'unavailable',
  network: 'unavailable',
  tls: 'unavailable',
  tooManyRedirects: 'other',
  badUrl: 'invalid',
  badRequest: 'invalid',
};

const ofMetric: Readonly<Record<MetricError['kind'], FailureReason>> = {
  noValues: 'notFound',
  unavailable: 'unavailable',
  invalid: 'invalid',
};

/** What an error means to the rules. The only place where kinds of errors are told apart. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AdapterError) return { reason: error.reason, message: error.message };
  if (error instanceof KubernetesError) return { reason: ofKubernetes[error.kind], message: error.message };
  if (error instanceof HttpError) return { reason: ofHttp[error.kind], message: error.message };
  if (error instanceof MetricError) return { reason: ofMetric[error.kind], message: error.message };
  return { reason: 'other', message: messageOf(error) };
}
