/** How fast a core of this machine is: machines of the same name differ by a factor of two, by what else their host does. */
import { systemClock as clock } from '../../platform/clock.ts';

const entries = 100;
const spanMs = 200;
const spans = 5;

/** About 10 kB as JSON, of short texts and numbers, as objects of Kubernetes are. */
const document = Array.from({ length: entries }, (_, index) => ({
  name: `entry-${index}`,
  namespace: 'tenant-007',
  weight: index,
  labels: { app: 'podinfo', tier: 'web' },
}));

/** How often a second one core writes 10 kB of JSON and reads it again. Takes about a second; the best of some spans. */
export function jsonRoundTripsPerSecond(): number {
  const rates = Array.from({ length: spans }, rateOfSpan);
  return Math.round(Math.max(...rates));
}

function rateOfSpan(): number {
  const begunAt = clock.now();
  let passedMs = 0;
  let count = 0;
  while (passedMs < spanMs) {
    JSON.parse(JSON.stringify(document));
    count += 1;
    passedMs = clock.now() - begunAt;
  }
  return (count / passedMs) * 1_000;
}
