import test from 'ava';
import { mirrorAnnotation, mirroringOf } from '../../../worker/routers/kuma-mirror.ts';
import { aCanary } from '../../support/a-canary.ts';

const mirrored = { primary: 100, canary: 0, mirrored: true };
const plain = aCanary();
const allowing = aCanary({ metadata: { annotations: { [mirrorAnnotation]: 'true' } } });

test('Kuma 3.x copies requests, Kuma 2.x where the Canary allows it', (t) => {
  t.deepEqual(mirroringOf(plain, mirrored, 'v3'), { mirrored: true, warnings: [] });
  t.deepEqual(mirroringOf(allowing, mirrored, 'v2'), { mirrored: true, warnings: [] });
});

test('elsewhere the run goes on without a mirror, and the reason is told', (t) => {
  for (const [canary, kind, reason] of [
    [plain, 'v2', /without a mirror: annotate the canary with aviary\.dev\/mirror-on-kuma-2: "true"/],
    [allowing, 'trafficRoute', /TrafficRoute only, which copies no requests/],
  ] as const) {
    const { mirrored: isMirrored, warnings } = mirroringOf(canary, mirrored, kind);
    t.false(isMirrored);
    t.regex(warnings.join(), reason);
  }
});

test('where nothing is to be copied nothing is said', (t) => {
  t.deepEqual(mirroringOf(plain, { ...mirrored, mirrored: false }, 'v2'), { mirrored: false, warnings: [] });
});
