/** Failures of the Kubernetes API in the words of the rules. */
import { isKubernetesError } from '../../platform/kubernetes-error.ts';
import type { KubernetesErrorKind } from '../../platform/kubernetes-error.ts';
import type { FailureReason } from '../../canary/action.ts';
import { AdapterError } from '../context.ts';

const reasons = {
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
  // Only the step's own signal aborts a request, and then somebody else has the step.
  aborted: 'conflict',
  other: 'other',
} satisfies Record<KubernetesErrorKind, FailureReason>;

/**
 * The AdapterError of a failed call, with `prefix` before its message; anything but a KubernetesError is handed back as
 * it is.
 */
export function toAdapterError(error: unknown, prefix = ''): unknown {
  if (!isKubernetesError(error)) return error;
  return new AdapterError(reasons[error.kind], `${prefix}${error.message}`, { cause: error });
}
