import test from 'ava';
import type { ObjectsClient } from '../../../worker/objects/step-objects.ts';
import { createScalers } from '../../../worker/scalers/registry.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const unreachable = async (): Promise<never> => {
  throw new Error('nothing may be asked of the cluster');
};
const client: ObjectsClient = {
  get: unreachable,
  create: unreachable,
  apply: unreachable,
  mergePatch: unreachable,
  jsonPatch: unreachable,
};
const scalers = createScalers({ client });

const scaledBy = (kind: string) => aCanary({ spec: { autoscalerRef: { apiVersion: 'x/v1', kind, name: 'podinfo' } } });

test('a Canary without an autoscaler has no adapter for one', (t) => {
  t.is(scalers(aCanary()), undefined);
});

test('an HPA is neither paused nor resumed: it is inert at zero', async (t) => {
  const canary = scaledBy('HorizontalPodAutoscaler');
  await t.notThrowsAsync(async () => scalers(canary)?.pause(aStep(canary)));
  await t.notThrowsAsync(async () => scalers(canary)?.resume(aStep(canary)));
});

test('a kind that nobody serves is refused by every method, before anything is asked of the cluster', async (t) => {
  const parsed = scaledBy('ScaledObject');
  const scaler = { apiVersion: 'x/v1', kind: 'Cron', name: 'podinfo', primaryScalerQueries: {} };
  const canary = { ...parsed, spec: { ...parsed.spec, scaler } };
  const step = aStep(canary);
  const methods = ['ensurePrimary', 'mostReplicas', 'pause', 'resume', 'minReplicas'] as const;
  for (const method of methods) {
    t.like(await t.throwsAsync(async () => scalers(canary)?.[method](step)), {
      reason: 'unsupported',
      message:
        'spec.autoscalerRef.kind of Canary test/podinfo: expected a kind that Aviary can copy ' +
        '(HorizontalPodAutoscaler, ScaledObject), got Cron; name one of them or remove spec.autoscalerRef',
    });
  }
});
