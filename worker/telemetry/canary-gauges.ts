/** The reference's gauges of Canaries. Series of a deleted Canary, or of a metric that is checked no more, are gone with the next scrape. */
import { targetConflict, targetKey } from '../../canary/target-conflict.ts';
import type { GaugePage } from '../../platform/observability/gauge-page.ts';
import { checkText } from './analysis-values.ts';
import type { AnalysisValues } from './analysis-values.ts';
import type { CanaryIndex, IndexedCanary } from '../reads/canary-index.ts';
import type { GaugeSource } from './cluster-gauges.ts';

export interface CanaryGaugesOptions {
  readonly index: Pick<CanaryIndex, 'all' | 'namespaces' | 'synced' | 'isUnread'>;
  readonly values: Pick<AnalysisValues, 'all' | 'forget'>;
  /** Of this program. */
  readonly version: string;
  readonly defaultProvider: string;
}

type Page = Pick<GaugePage, 'gauge'>;

export function createCanaryGauges(options: CanaryGaugesOptions): readonly GaugeSource[] {
  const { index } = options;
  const whenSynced = (fill: GaugeSource['fill']): GaugeSource => ({
    fill: (page) => (index.synced() ? fill(page) : undefined),
  });
  return [
    { fill: (page) => fillInfo(page, options) },
    whenSynced((page) => fillCanaries(page, index)),
    whenSynced((page) => fillValues(page, options)),
  ];
}

function fillInfo(page: Page, { version, defaultProvider }: CanaryGaugesOptions): void {
  const info = page.gauge({
    name: 'flagger_info',
    help: 'Version and default provider of the controller',
  });
  info(1, { version, mesh_provider: defaultProvider });
}

function fillCanaries(page: Page, index: CanaryGaugesOptions['index']): void {
  const total = page.gauge({
    name: 'flagger_canary_total',
    help: 'Total number of canaries',
  });
  const status = page.gauge({
    name: 'flagger_canary_status',
    help: 'Last canary analysis result: 0 while it runs, 1 otherwise, 2 when it failed',
  });
  const weight = page.gauge({
    name: 'flagger_canary_weight',
    help: 'Share of the traffic that a workload gets, in percent',
  });
  const counts = new Map([...index.namespaces()].map((namespace) => [namespace, 0]));
  for (const { namespace } of index.all()) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  for (const [namespace, count] of counts) total(count, { namespace });
  for (const canary of ownersOf(index.all())) {
    const { namespace } = canary;
    const { name } = canary.spec.target;
    status(statusValue(canary.phase), { name, namespace });
    weight(100 - canary.weight, { workload: `${name}-primary`, namespace });
    weight(canary.weight, { workload: name, namespace });
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

async function fillValues(page: Page, { index, values }: CanaryGaugesOptions): Promise<void> {
  const analysis = page.gauge({
    name: 'flagger_canary_metric_analysis',
    help: 'Last value of each metric of a canary analysis; a duration in seconds',
  });
  const all = await values.all();
  const there = checksOf(index.all());
  for (const { name, namespace, metric, value } of all) {
    if (there.has(checkText({ namespace, name, metric }))) analysis(value, { name, namespace, metric });
  }
  await values.forget(all.filter((value) => !there.has(checkText(value)) && !index.isUnread(value.namespace)));
}

function checksOf(canaries: Iterable<IndexedCanary>): ReadonlySet<string> {
  const checks = new Set<string>();
  for (const { namespace, spec, metrics } of canaries) {
    for (const metric of metrics) checks.add(checkText({ namespace, name: spec.target.name, metric }));
  }
  return checks;
}
