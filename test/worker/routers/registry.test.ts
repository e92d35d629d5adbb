import test from 'ava';
import { supportedProviders } from '../../../canary/capabilities.ts';
import { providers } from '../../../canary/spec.ts';
import { AdapterError } from '../../../worker/context.ts';
import { createRouters } from '../../../worker/routers/registry.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';

const unasked = () => Promise.reject(new Error('no request was expected'));
const routers = createRouters({
  get: unasked,
  list: unasked,
  create: unasked,
  apply: unasked,
  mergePatch: unasked,
  jsonPatch: unasked,
  delete: unasked,
});

test('a provider has a router exactly when the table of capabilities has a row for it', (t) => {
  for (const provider of providers) {
    if (supportedProviders.includes(provider)) t.is(typeof routers(provider).ensure, 'function');
    else t.throws(() => routers(provider), { instanceOf: AdapterError, message: /^provider .*: expected one of / });
  }
});

test('a router is made once, so that what it has learnt of the cluster stays', (t) => {
  t.is(routers('kuma'), routers('kuma'));
  t.not(routers('kuma'), routers('kuma:v2'));
});

test('the kubernetes provider writes nothing', async (t) => {
  const step = aStep(aCanary({ spec: { provider: 'kubernetes' } }));
  await t.notThrowsAsync(routers('kubernetes').ensure(step, { primary: 100, canary: 0, mirrored: false }));
});
