import test from 'ava';
import { whyNotReady } from '../../../worker/routers/gatewayapi-readiness.ts';
import { aCanary } from '../../support/a-canary.ts';

const gateway = { name: 'public', namespace: 'infra' };
const group = 'gateway.networking.k8s.io';

interface Told {
  readonly parentRef?: object;
  readonly condition?: object;
}

const accepted = { type: 'Accepted', status: 'True', observedGeneration: 3, reason: 'Accepted', message: '' };

const why = (told: readonly Told[], gatewayRefs: readonly object[] = [gateway]): string | undefined => {
  const parents = told.map(({ parentRef, condition }) => ({
    parentRef: { group, kind: 'Gateway', ...gateway, ...parentRef },
    conditions: [
      { type: 'ResolvedRefs', status: 'False', observedGeneration: 1 },
      { ...accepted, ...condition },
    ],
  }));
  const metadata = { name: 'podinfo', namespace: 'test', generation: 3 };
  const route = { apiVersion: `${group}/v1`, kind: 'HTTPRoute', metadata, status: { parents } };
  return whyNotReady(route, aCanary({ spec: { provider: 'gatewayapi:v1' }, service: { gatewayRefs } }));
};

test('an accepted route is ready, and so is one of which nobody has said anything', (t) => {
  t.is(why([{}]), undefined);
  t.is(why([]), undefined);
});

test('a route that its gateway refuses is not ready, with the reason', (t) => {
  const condition = { status: 'False', reason: 'NoMatchingListenerHostname', message: 'no listener' };
  t.is(why([{ condition }]), 'Gateway public: it does not accept the route: NoMatchingListenerHostname no listener');
});

test('a route whose newest version is not taken up is not ready', (t) => {
  const reason = 'Gateway public: it has not taken up version 3 of the route yet, only 2';
  t.is(why([{ condition: { observedGeneration: 2 } }]), reason);
});

test('a controller that never tells a version is not waited for', (t) => {
  t.is(why([{ condition: { status: 'False', observedGeneration: undefined } }]), undefined);
});

test('parents are compared with their defaults, and by port and section only where the spec names them', (t) => {
  const stale = { observedGeneration: 1 };
  const own = { name: 'inner' };
  t.truthy(
    why([{ parentRef: { ...own, group: undefined, kind: undefined, namespace: undefined }, condition: stale }], [own]),
  );
  t.truthy(why([{ parentRef: { port: 80, sectionName: 'web' }, condition: stale }]));
  t.is(
    why([{ parentRef: { sectionName: 'admin' }, condition: stale }], [{ ...gateway, sectionName: 'web' }]),
    undefined,
  );
  t.is(why([{ parentRef: { port: 8443 }, condition: stale }], [{ ...gateway, port: 80 }]), undefined);
  t.is(why([{ parentRef: { name: 'other' }, condition: stale }]), undefined);
  t.is(why([{ parentRef: { namespace: 'elsewhere' }, condition: stale }]), undefined);
});

test('of several parents every one has to be ready', (t) => {
  const second = { name: 'second', namespace: 'infra' };
  t.regex(
    why([{}, { parentRef: second, condition: { observedGeneration: 2 } }], [gateway, second]) ?? '',
    /^Gateway second: /,
  );
});
