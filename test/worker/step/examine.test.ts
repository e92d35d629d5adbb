import test from 'ava';
import type { TargetClaim } from '../../../canary/target-conflict.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { createExamine } from '../../../worker/step/examine.ts';
import { aCanaryObject } from '../../support/a-canary.ts';
import type { CanaryOptions } from '../../support/a-canary.ts';

const examineBeside = (...claims: TargetClaim[]) =>
  createExamine({ defaultProvider: 'kuma', allowedNamespaces: [], stepTimeoutMs: 60_000, claims: () => claims });

const leaving = (options: CanaryOptions = {}): KubernetesObject =>
  aCanaryObject({ ...options, metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } });

const refusedAlive: Record<string, CanaryOptions> = {
  'a spec that can’t be used': { analysis: { maxWeight: 150 } },
  'a provider without a router': { spec: { provider: 'appmesh' } },
  'a blocked reference': { analysis: { metrics: [{ name: 'a', templateRef: { name: 'a', namespace: 'other' } }] } },
};

for (const [what, options] of Object.entries(refusedAlive)) {
  test(`${what} refuses a living Canary, and is no matter for one that is being deleted`, (t) => {
    t.is(examineBeside()(aCanaryObject(options)).kind, 'refused');
    t.is(examineBeside()(leaving(options)).kind, 'accepted');
  });
}

test('a target that an older Canary has is not given to one that is being deleted', (t) => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
  const older = { namespace: 'test', name: 'older', creationTimestamp: '2025-01-01T00:00:00Z', spec: { target } };
  t.like(examineBeside(older)(leaving()), { kind: 'refused', refusals: [{ reason: 'TargetConflict' }] });
});

test('a Canary that is being deleted and whose target nobody can tell is refused with every problem', (t) => {
  const examined = examineBeside()(leaving({ spec: { targetRef: {} }, analysis: { maxWeight: 150 } }));
  t.is(examined.kind, 'refused');
  t.like(examined, { identity: { deleting: true } });
});

test('a webhook that may outlast a step is warned about, one of events is not', (t) => {
  const hook = (name: string, more: object) => ({ name, url: 'http://a.test/', ...more });
  const webhooks = [
    hook('short', { timeout: '20s', retries: 1 }),
    hook('often', { timeout: '20s', retries: 2 }),
    hook('nearly', { timeout: '50s' }),
    hook('told', { type: 'event', timeout: '5m' }),
  ];
  const examined = examineBeside()(aCanaryObject({ analysis: { webhooks } }));
  t.is(examined.kind, 'accepted');
  const warned = (index: number, name: string, seconds: number): string =>
    `spec.analysis.webhooks[${index}] (${name}): expected timeout and retries to fit into 50 s of a step of 60 s, got up ` +
    `to ${seconds} s; it has not passed when that time is over: shorten them, or have the operator raise STEP_TIMEOUT`;
  t.deepEqual(examined.kind === 'accepted' && examined.warnings, [warned(1, 'often', 60), warned(2, 'nearly', 50)]);
});
