/** What an alert tells beside its message. Specification of events and alerts, section 4. */
import { strategyOf } from '../../canary/spec.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Analysis } from '../../canary/spec.ts';
import type { Alert } from './notifier.ts';

type Field = Alert['fields'][number];

/** In the order in which they are shown. */
export function alertFields(canary: Canary, withMetadata: boolean, clusterName: string): Field[] {
  const cluster = clusterName === '' ? [] : [{ name: 'Cluster', value: clusterName }];
  return withMetadata ? [...cluster, ...metadata(canary)] : cluster;
}

function metadata({ namespace, spec }: Canary): Field[] {
  const routing = trafficRouting(spec.analysis);
  return [
    { name: 'Target', value: `${spec.target.kind}/${spec.target.name}.${namespace}` },
    { name: 'Failed checks threshold', value: String(spec.analysis.threshold) },
    { name: 'Progress deadline', value: `${spec.progressDeadlineMs / 1000}s` },
    ...(routing === undefined ? [] : [{ name: 'Traffic routing', value: routing }]),
  ];
}

/** @returns undefined when the analysis names no steps at all */
function trafficRouting(analysis: Analysis): string | undefined {
  const { stepWeight, stepWeights, maxWeight } = analysis;
  const strategy = strategyOf(analysis);
  if (strategy === 'ab-testing') return 'A/B Testing';
  if (strategy === 'blue-green') return 'Blue/Green';
  if (stepWeight > 0) return `Weight step: ${stepWeight} max: ${maxWeight}`;
  return stepWeights.length > 0 ? `Weight steps: ${stepWeights.join(',')} max: ${maxWeight}` : undefined;
}
