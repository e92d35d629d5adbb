import test from 'ava';
import type { PodTargetOptions } from '../../../worker/targets/pod-adapter.ts';
import { createTargets, targetKind } from '../../../worker/targets/registry.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const unreachable = async (): Promise<never> => {
  throw new Error('nothing may be asked of the cluster');
};
const client: PodTargetOptions['client'] = {
  get: unreachable,
  apply: unreachable,
  create: unreachable,
  mergePatch: unreachable,
  jsonPatch: unreachable,
  delete: unreachable,
};
const targets = createTargets({ client, leastReplicas: unreachable });

const rows = [
  ['apps/v1', 'Deployment', 'Deployment'],
  ['apps/v1', 'DaemonSet', 'DaemonSet'],
  ['v1', 'Service', 'Service'],
  ['serving.knative.dev/v1', 'Service', 'Knative'],
  ['apps/v1', 'StatefulSet', undefined],
] as const;

for (const [apiVersion, kind, row] of rows) {
  test(`${apiVersion} ${kind} is served by the row ${row ?? 'of nobody'}`, (t) => {
    t.is(targetKind({ apiVersion, kind }), row);
  });
}

test('a kind of target that nobody serves is refused by every method, before anything is asked of the cluster', async (t) => {
  const parsed = aCanary();
  const kind = 'StatefulSet';
  const canary = { ...parsed, spec: { ...parsed.spec, target: { ...parsed.spec.target, kind } } };
  const target = targets(canary);
  const step = aStep(canary);
  const flaggerId = 'x';
  const refusals = await Promise.allSettled([
    target.observe(step),
    target.ensurePrimary(step, { follow: true, flaggerId }),
    target.scale(step, 'zero'),
    target.promote(step, { revision: { template: 'v1-x' }, flaggerId }),
    target.restore(step, { raise: true }),
    target.selector(step),
  ]);
  for (const refusal of refusals) {
    t.like(refusal.status === 'rejected' ? refusal.reason : undefined, {
      reason: 'unsupported',
      message:
        'spec.targetRef.kind of Canary test/podinfo: expected a kind that Aviary can roll out ' +
        `(Deployment, DaemonSet, Service, Knative Service), got ${kind}; point the Canary at one of them or leave it to a controller that knows the kind`,
    });
  }
});

test('one adapter serves all Deployments', (t) => {
  t.is(targets(aCanary()), targets(aCanary({ name: 'other' })));
});
