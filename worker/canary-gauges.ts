/** The reference's gauges of Canaries. Series of a deleted Canary are gone with the next scrape. */
import { targetConflict, targetKey } from '../canary/target-conflict.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { AnalysisValues } from './analysis-values.ts';
import { targetText, targetsOf } from './canary-series.ts';
import type { CanaryIndex, IndexedCanary } from './canary-index.ts';
import type { GaugeSource } from './cluster-gauges.ts';

export interface CanaryGaugesOptions {
  readonly index: Pick<CanaryIndex, 'all' | 'namespaces' | 'synced'>;
  readonly values: Pick<AnalysisValues, 'all' | 'forget'>;
  /** Of this program. */
  readonly version: string;
  readonly defaultProvider: string;
}

type Gauges = Pick<Metrics, 'gauge'>;

export function createCanaryGauges(options: CanaryGaugesOptions): readonly GaugeSource[] {
  const { index } = options;
  const whenSynced = (fill: GaugeSource['fill']): GaugeSource => ({
    fill: (metrics) => (index.synced() ? fill(metrics) : undefined),
  });
  return [
    { fill: (metrics) => fillInfo(metrics, options) },
    whenSynced((metrics) => fillCanaries(metrics, index)),
    whenSynced((metrics) => fillValues(metrics, options)),
  ];
}

function fillInfo(metrics: Gauges, { version, defaultProvider }: CanaryGaugesOptions): void {
  const info = metrics.gauge({
    name: 'flagger_info',
    help: 'Version and default provider of the controller',
    labels: ['version', 'mesh_provider'],
  });
  info.set({ version, mesh_provider: defaultProvider }, 1);
}

function fillCanaries(metrics: Gauges, index: CanaryGaugesOptions['index']): void {
  const total = metrics.gauge({
    name: 'flagger_canary_total',
    help: 'Total number of canaries',
    labels: ['namespace'],
  });
  const status = metrics.gauge({
    name: 'flagger_canary_status',
    help: 'Last canary analysis result: 0 while it runs, 1 otherwise, 2 when it failed',
    labels: ['name', 'namespace'],
  });
  const weight = metrics.gauge({
    name: 'flagger_canary_weight',
    help: 'Share of the traffic that a workload gets, in percent',
    labels: ['workload', 'namespace'],
  });
  for (const namespace of index.namespaces()) total.set({ namespace }, 0);
  for (const { namespace } of index.all()) total.inc({ namespace });
  for (const canary of ownersOf(index.all())) {
    const { namespace } = canary;
    const { name } = canary.spec.target;
    status.set({ name, namespace }, statusValue(canary.phase));
    weight.set({ workload: `${name}-primary`, namespace }, 100 - canary.weight);
    weight.set({ workload: name, namespace }, canary.weight);
  }
}

/** The Canary that has each target: a younger one that names it too is refused, and has no say in its series. */
function ownersOf(canaries: Iterable<IndexedCanary>): Iterable<IndexedCanary> {
  const owners = new Map<string, IndexedCanary>();
  for (const canary of canaries) {
    const key = targetKey(canary);
    const other = owners.get(key);
    if (other === undefined || targetConflict(other, [canary]) !== undefined) owners.set(key, canary);
  }
  return owners.values();
}

function statusValue(phase: string): number {
  if (phase === 'Progressing') return 0;
  return phase === 'Failed' ? 2 : 1;
}

async function fillValues(metrics: Gauges, { index, values }: CanaryGaugesOptions): Promise<void> {
  const analysis = metrics.gauge({
    name: 'flagger_canary_metric_analysis',
    help: 'Last value of each metric of a canary analysis; a duration in seconds',
    labels: ['name', 'namespace', 'metric'],
  });
  const all = await values.all();
  const there = targetsOf(index.all());
  for (const { name, namespace, metric, value } of all) {
    if (there.has(targetText({ namespace, name }))) analysis.set({ name, namespace, metric }, value);
  }
  await values.forget(all.filter((value) => !there.has(targetText(value))));
}
