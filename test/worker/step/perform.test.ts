import test from 'ava';
import { HttpError } from '../../../platform/http/http.ts';
import type { HttpErrorKind } from '../../../platform/http/http.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesErrorKind } from '../../../platform/kubernetes/error.ts';
import type { FailureReason } from '../../../canary/action.ts';
import { AdapterError } from '../../../worker/context.ts';
import { MetricError } from '../../../worker/metrics/provider.ts';
import { failureOf, perform } from '../../../worker/step/perform.ts';
import type { Performers } from '../../../worker/step/perform.ts';
import { StatusConflict } from '../../../worker/step/save-status.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const kubernetes: Record<KubernetesErrorKind, FailureReason> = {
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

for (const [kind, reason] of Object.entries(kubernetes)) {
  test(`the API server's ${kind} means ${reason}, in its words`, (t) => {
    const error = new KubernetesError({
      kind: kind as KubernetesErrorKind,
      action: 'apply Deployment test/podinfo',
      detail: 'so it said',
    });
    t.deepEqual(failureOf(error), { reason, message: 'apply Deployment test/podinfo: so it said' });
  });
}

const http: Record<HttpErrorKind, FailureReason> = {
  refusedAddress: 'forbidden',
  timeout: 'unavailable',
  aborted: 'unavailable',
  network: 'unavailable',
  tls: 'unavailable',
  tooManyRedirects: 'other',
  badUrl: 'invalid',
  badRequest: 'invalid',
};

for (const [kind, reason] of Object.entries(http)) {
  test(`a request that ends in ${kind} means ${reason}`, (t) => {
    t.is(failureOf(new HttpError(kind as HttpErrorKind, 'no answer')).reason, reason);
  });
}

test('the reason of an adapter is kept', (t) => {
  t.deepEqual(failureOf(new AdapterError('routeConflict', 'not ours')), {
    reason: 'routeConflict',
    message: 'not ours',
  });
});

test('a metric that could not be had is unavailable', (t) => {
  t.is(failureOf(new MetricError('unavailable', 'provider down')).reason, 'unavailable');
});

test('any other error keeps its message', (t) => {
  t.deepEqual(failureOf(new Error('boom')), { reason: 'other', message: 'boom' });
  t.deepEqual(failureOf('boom'), { reason: 'other', message: 'boom' });
});

const finalizerThatThrows = (error: Error): Performers =>
  ({
    setFinalizer: async () => {
      throw error;
    },
  }) as Partial<Performers> as Performers;

test('a conflict over the finalizer ends the step; a refusal is a failure that the rules weigh', async (t) => {
  const action = { kind: 'setFinalizer', present: true } as const;
  const conflict = new StatusConflict('the Canary has moved on');
  await t.throwsAsync(perform(finalizerThatThrows(conflict), aStep(aCanary()), action), { is: conflict });
  const refusal = new AdapterError('forbidden', 'patch canaries: forbidden');
  t.deepEqual(await perform(finalizerThatThrows(refusal), aStep(aCanary()), action), {
    ok: false,
    failure: { reason: 'forbidden', message: 'patch canaries: forbidden' },
  });
});
