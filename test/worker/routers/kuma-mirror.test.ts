import test from 'ava';
import { mirrorAnnotation, mirroringOf } from '../../../worker/routers/kuma-mirror.ts';
import { aCanary } from '../../support/a-canary.ts';

const mirrored = { primary: 100, canary: 0, mirrored: true };
const byWeight = aCanary({ analysis: { mirror: true } });
const annotations = { [mirrorAnnotation]: 'true' };
const blueGreen = { analysis: { iterations: 3, mirror: true } };
const plain = aCanary(blueGreen);
const allowing = aCanary({ ...blueGreen, metadata: { annotations } });
const possible = { kind: 'possible', mirrored: true, warnings: [] };

test('Kuma 3.x copies requests, Kuma 2.x where the Canary allows it', (t) => {
  t.deepEqual(mirroringOf(plain, mirrored, 'v3'), possible);
  t.deepEqual(mirroringOf(byWeight, mirrored, 'v3'), possible);
  t.deepEqual(mirroringOf(allowing, mirrored, 'v2'), possible);
  const byWeightAllowing = aCanary({ analysis: { mirror: true }, metadata: { annotations } });
  t.deepEqual(mirroringOf(byWeightAllowing, mirrored, 'v2'), possible);
});

test('elsewhere Blue/Green goes on without a mirror, and the reason is told', (t) => {
  for (const [canary, kind, reason] of [
    [plain, 'v2', /without a mirror; annotate the canary with aviary\.dev\/mirror-on-kuma-2: "true"/],
    [allowing, 'trafficRoute', /TrafficRoute only, which copies no requests/],
  ] as const) {
    const mirroring = mirroringOf(canary, mirrored, kind);
    t.like(mirroring, { kind: 'possible', mirrored: false });
    t.regex(mirroring.kind === 'possible' ? mirroring.warnings.join() : '', reason);
  }
});

test('elsewhere a run by weight, which begins with what the mirror brings, is refused', (t) => {
  for (const [kind, reason] of [
    ['v2', /remove spec\.analysis\.mirror, or use iterations; annotate the canary with aviary\.dev\/mirror-on-kuma-2/],
    ['trafficRoute', /TrafficRoute only.*: remove spec\.analysis\.mirror, or use iterations$/],
  ] as const) {
    const mirroring = mirroringOf(byWeight, mirrored, kind);
    t.regex(mirroring.kind === 'refused' ? mirroring.why : '', reason);
  }
});

test('where nothing is to be copied nothing is said', (t) => {
  t.deepEqual(mirroringOf(byWeight, { ...mirrored, mirrored: false }, 'v2'), { ...possible, mirrored: false });
});
