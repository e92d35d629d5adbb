import test from 'ava';
import { transitionsFrom } from '../../bench/measure/transitions.ts';

const begunAt = Date.parse('2026-01-02T03:04:00.000Z');
const aCanary = (lastTransitionTime?: string) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { namespace: 'shop', name: 'app' },
  status: { lastTransitionTime },
});

test('times are counted from the begin', (t) => {
  const canaries = [aCanary('2026-01-02T03:04:30.250Z'), aCanary('2026-01-02T03:04:20.000Z')];
  t.deepEqual(transitionsFrom(canaries, begunAt), { p50: 20_000, p99: 30_250, max: 30_250 });
});

test('a Canary without a time is named', (t) => {
  t.throws(() => transitionsFrom([aCanary()], begunAt), { message: /shop\/app: expected a time .* got ''/ });
});
