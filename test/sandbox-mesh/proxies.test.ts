import test from 'ava';
import { createProxies } from '../../sandbox/mesh/control-plane/proxies.ts';

test('an Envoy that has not asked for a minute is no target any more', (t) => {
  let now = 0;
  const proxies = createProxies({ now: () => now });
  proxies.seen('10.244.0.7~storefront-1.test');
  now = 60_000;
  proxies.seen('10.244.0.8~client.with.dots.test');
  t.is(proxies.scrapeTargets().length, 2);
  now = 60_001;
  t.deepEqual(proxies.scrapeTargets(), [
    { targets: ['10.244.0.8:5670'], labels: { namespace: 'test', pod: 'client.with.dots' } },
  ]);
});

test('asking for something else does not forget the clusters taken', (t) => {
  const proxies = createProxies({ now: () => 0 });
  t.true(proxies.tookClusters('10.244.0.7~client.test', 'v1'));
  proxies.seen('10.244.0.7~client.test');
  t.true(proxies.hasClusters('10.244.0.7~client.test', 'v1'));
  t.false(proxies.tookClusters('10.244.0.7~client.test', 'v1'));
});

test('an id of another form is no target', (t) => {
  const proxies = createProxies({ now: () => 0 });
  proxies.seen('somebody');
  t.deepEqual(proxies.scrapeTargets(), []);
});
