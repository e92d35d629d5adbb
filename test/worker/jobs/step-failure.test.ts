import { UnrecoverableError } from 'bullmq';
import test from 'ava';
import { DeadlineError } from '../../../platform/deadline.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesErrorKind } from '../../../platform/kubernetes/error.ts';
import { StepAborted, StepFailed, retryDelay, stepFailure } from '../../../worker/jobs/step-failure.ts';

const ofKind = (kind: KubernetesErrorKind): KubernetesError =>
  new KubernetesError({ kind, action: 'get Canary test/podinfo', detail: 'no' });

for (const [title, error] of [
  ['an API server that is away', ofKind('unavailable')],
  ['an API server that throttles', ofKind('throttled')],
  ['a missing permission', ofKind('forbidden')],
  ['a lost lease', new StepAborted('lease lost')],
  ['a step that took too long', new DeadlineError(60_000)],
  ['a Redis that is full', new Error("OOM command not allowed when used memory > 'maxmemory'.")],
] as const) {
  test(`${title} is worth another try within the slot`, (t) => {
    const failure = stepFailure(error, 5_000);
    t.true(failure instanceof StepFailed);
    t.is((failure as StepFailed).retryUntil, 5_000);
    t.is(failure.cause, error);
  });
}

for (const [title, error] of [
  ['a status that the schema refuses', ofKind('invalid')],
  ['an error in the rules', new TypeError('x is not a function')],
] as const) {
  test(`${title} is not tried again`, (t) => {
    const failure = stepFailure(error, 5_000);
    t.true(failure instanceof UnrecoverableError);
    t.is(failure.cause, error);
    t.is(failure.message, error.message);
  });
}

const failedUntil = (until: number | undefined): StepFailed => new StepFailed(new Error('no'), until);
const latest = () => 0.999_999;

test('retries are further and further apart, up to half a minute', (t) => {
  const delays = [1, 2, 3, 7, 8, 20].map((attempts) =>
    retryDelay({ attempts, error: failedUntil(1e9), now: 0, random: latest }),
  );
  t.deepEqual(delays, [500, 1_000, 2_000, 30_000, 30_000, 30_000]);
});

test('retries are spread over half of their delay', (t) => {
  t.is(retryDelay({ attempts: 3, error: failedUntil(1e9), now: 0, random: () => 0 }), 1_000);
});

test('no retry begins when the slot is over', (t) => {
  t.is(retryDelay({ attempts: 1, error: failedUntil(10_500), now: 10_000, random: latest }), undefined);
  t.is(retryDelay({ attempts: 1, error: failedUntil(10_501), now: 10_000, random: latest }), 500);
});

test('where the slot is not known, retries end after some minutes', (t) => {
  t.is(retryDelay({ attempts: 9, error: failedUntil(undefined), now: 0, random: latest }), 30_000);
  t.is(retryDelay({ attempts: 10, error: failedUntil(undefined), now: 0, random: latest }), undefined);
});
