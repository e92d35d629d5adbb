import test from 'ava';
import { targetConflict } from '../../canary/target-conflict.ts';
import type { TargetClaim } from '../../canary/target-conflict.ts';

const older = '2026-01-01T00:00:00Z';
const newer = '2026-01-02T00:00:00Z';
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };

const aClaim = (name: string, over: Partial<TargetClaim> & { readonly target?: object } = {}): TargetClaim => {
  const { target = deployment, ...rest } = over;
  return { namespace: 'shop', name, creationTimestamp: newer, ...rest, spec: { target } } as TargetClaim;
};
const isRefused = (canary: TargetClaim, ...others: readonly TargetClaim[]): boolean =>
  targetConflict(canary, others) !== undefined;

test('of two Canaries with one target the older one goes on, of two of one second the first by name', (t) => {
  const [first, second] = [aClaim('b', { creationTimestamp: older }), aClaim('a')];
  t.true(isRefused(second, first, second));
  t.false(isRefused(first, first, second));
  t.true(isRefused(aClaim('b'), aClaim('a')));
  t.false(isRefused(aClaim('a'), aClaim('b')));
});

test('a target of that name elsewhere, of another kind or of another group is another one', (t) => {
  const first = { creationTimestamp: older };
  t.false(isRefused(aClaim('a'), aClaim('b', { ...first, namespace: 'other' })));
  t.false(isRefused(aClaim('a'), aClaim('b', { ...first, target: { ...deployment, kind: 'DaemonSet' } })));
  const service = { apiVersion: 'v1', kind: 'Service', name: 'podinfo' };
  const knative = { ...service, apiVersion: 'serving.knative.dev/v1' };
  t.false(isRefused(aClaim('a', { target: service }), aClaim('b', { ...first, target: knative })));
  t.false(isRefused(aClaim('a', { target: knative }), aClaim('b', { ...first, target: service })));
  t.true(isRefused(aClaim('a', { target: service }), aClaim('b', { ...first, target: service })));
});

test('the version of its group makes it no other one', (t) => {
  const before = { ...deployment, apiVersion: 'apps/v1beta2' };
  t.true(isRefused(aClaim('a'), aClaim('b', { creationTimestamp: older, target: before })));
});

test('a Canary that was made anew has no conflict with what a watch still tells of the one before', (t) => {
  t.false(isRefused(aClaim('a'), aClaim('a', { creationTimestamp: older })));
});
