/** How many runs go on and how many wait for a place, as the statuses say; in few numbers however many tenants there are. */
import { isRunPhase } from '../../canary/canary.ts';
import type { GaugePage } from '../../platform/observability/gauge-page.ts';
import { mostOf } from '../../queue/depth.ts';
import type { CanaryIndex, IndexedCanary } from '../reads/canary-index.ts';
import type { GaugeSource } from '../telemetry/cluster-gauges.ts';

type Index = Pick<CanaryIndex, 'all' | 'synced'>;

export const createRunGauges = (index: Index): GaugeSource => ({
  fill: (page) => (index.synced() ? fillRuns(page, index) : undefined),
});

/** Namespaces that are named. */
const named = 10;

function fillRuns(page: Pick<GaugePage, 'gauge'>, index: Index): void {
  const runs = page.gauge({
    name: 'aviary_runs',
    help: 'Runs that go on: of the ten namespaces with the most, and of all others together.',
  });
  const waiting = page.gauge({
    name: 'aviary_runs_waiting',
    help: 'Revisions that wait for a place among the runs: of the ten namespaces with the most, and of all others together.',
  });
  for (const [namespace, count] of countsOf(index, ({ phase }) => isRunPhase(phase))) runs(count, { namespace });
  for (const [namespace, count] of countsOf(index, ({ queued }) => queued)) waiting(count, { namespace });
}

function countsOf(index: Index, counts: (canary: IndexedCanary) => boolean): ReadonlyMap<string, number> {
  const byNamespace = new Map<string, number>();
  let total = 0;
  for (const canary of index.all()) {
    if (!counts(canary)) continue;
    total += 1;
    byNamespace.set(canary.namespace, (byNamespace.get(canary.namespace) ?? 0) + 1);
  }
  return mostOf(byNamespace, { named, total });
}
