import test from 'ava';
import type { Webhook } from '../../../canary/spec.ts';
import { hookBody } from '../../../worker/webhooks/payload.ts';
import { aCanary } from '../../support/a-canary.ts';

const hook = (metadata: Record<string, string>): Webhook => ({
  name: 'load-test',
  type: 'rollout',
  url: 'http://flagger-loadtester.test/',
  timeoutMs: 10_000,
  retries: 0,
  metadata,
  muteAlert: false,
  disableTLS: false,
});

test('the body has its keys in the order of the reference', (t) => {
  t.is(
    hookBody(aCanary(), { hook: hook({ type: 'cmd', cmd: 'hey' }), phase: 'Progressing', checksum: '55877b9d78' }),
    '{"name":"podinfo","namespace":"test","phase":"Progressing","checksum":"55877b9d78","metadata":{"cmd":"hey","type":"cmd"}}',
  );
});

test('a hook without metadata sends none', (t) => {
  t.is(
    hookBody(aCanary(), { hook: hook({}), phase: 'Waiting', checksum: 'x' }),
    '{"name":"podinfo","namespace":"test","phase":"Waiting","checksum":"x"}',
  );
});
