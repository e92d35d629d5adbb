/**
 * The reference's counters and histogram of single Canaries. Each worker counts what it did itself, so sums over all
 * workers are right; the series of a Canary that is gone go with the next scrape.
 */
import type { Canary } from '../../canary/canary.ts';
import type { StepOutcome } from '../../canary/action.ts';
import { strategyOf } from '../../canary/spec.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/observability/metrics.ts';
import type { CountAnnouncement } from '../announcements/announce.ts';
import type { CanaryIndex } from '../reads/canary-index.ts';

/** The target of a Canary, by which the reference names its series. */
export interface TargetName {
  readonly namespace: string;
  readonly name: string;
}

export interface CanarySeries {
  /** A run ended. */
  runEnded(canary: Canary, count: CountAnnouncement): void;
  /** A step came to the checks of its run. */
  analysed(target: TargetName, durationMs: number): void;
}

export interface CanarySeriesOptions {
  readonly metrics: Pick<Metrics, 'counter' | 'histogram'>;
  readonly index: Pick<CanaryIndex, 'all' | 'synced' | 'isUnread'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function createCanarySeries({ metrics, index, clock }: CanarySeriesOptions): CanarySeries {
  const life = createSeriesLife({ index, clock });
  const counters = countersOf(metrics, life);
  const duration = metrics.histogram({
    name: 'flagger_canary_duration_seconds',
    help: 'Seconds spent performing canary analysis.',
    labels: ['name', 'namespace'],
    collect: () => life.prune('duration', (labels) => duration.remove(labels)),
  });
  return {
    runEnded: (canary, { outcome, analysis }) => {
      const labels = {
        name: canary.spec.target.name,
        namespace: canary.namespace,
        deployment_strategy: strategyOf(canary.spec.analysis),
        analysis_status: analysis,
      };
      life.touch(outcome, labels);
      counters[outcome].inc(labels);
    },
    analysed: ({ name, namespace }, durationMs) => {
      life.touch('duration', { name, namespace });
      duration.observe({ name, namespace }, durationMs / 1_000);
    },
  };
}

function countersOf(metrics: CanarySeriesOptions['metrics'], life: SeriesLife) {
  const labels = ['name', 'namespace', 'deployment_strategy', 'analysis_status'] as const;
  const success = metrics.counter({
    name: 'flagger_canary_successes_total',
    help: 'Total number of canary successes',
    labels,
    collect: () => life.prune('success', (gone) => success.remove(gone)),
  });
  const failure = metrics.counter({
    name: 'flagger_canary_failures_total',
    help: 'Total number of canary failures',
    labels,
    collect: () => life.prune('failure', (gone) => failure.remove(gone)),
  });
  return { success, failure };
}

/** The outcomes of a running phase after which the reference's tick has reached its analysis. */
const analysedOutcomes: ReadonlySet<StepOutcome | 'conflict'> = new Set([
  'advanced',
  'failedCheck',
  'noData',
  'held',
  'checkError',
  'waiting',
  'promoting',
]);

/** The target, where a step that began at this Canary and ended so has come to the analysis. */
export function analysedTarget(canary: Canary, outcome: StepOutcome | 'conflict'): TargetName | undefined {
  const { phase } = canary.status;
  const runs = phase === 'Progressing' || phase === 'WaitingPromotion';
  if (!runs || !analysedOutcomes.has(outcome)) return undefined;
  return { namespace: canary.namespace, name: canary.spec.target.name };
}

type Labels = Readonly<Record<'name' | 'namespace', string>>;

interface SeriesLife {
  touch(metric: string, labels: Labels): void;
  prune(metric: string, remove: (labels: Labels) => void): void;
}

/** Milliseconds that series outlive their last change, in case the index has not heard of their Canary yet. */
const graceMs = 60_000;

function createSeriesLife({ index, clock }: Omit<CanarySeriesOptions, 'metrics'>): SeriesLife {
  const touched = new Map<string, Map<string, { readonly labels: Labels; readonly at: number }>>();
  return {
    touch: (metric, labels) => {
      const ofMetric = touched.get(metric) ?? new Map<string, { labels: Labels; at: number }>();
      ofMetric.set(Object.values(labels).join('/'), { labels, at: clock.now() });
      touched.set(metric, ofMetric);
    },
    prune: (metric, remove) => {
      const ofMetric = touched.get(metric);
      if (ofMetric === undefined || ofMetric.size === 0 || !index.synced()) return;
      const there = targetsOf(index.all());
      for (const [key, { labels, at }] of ofMetric) {
        if (clock.now() - at < graceMs || there.has(targetText(labels)) || index.isUnread(labels.namespace)) continue;
        remove(labels);
        ofMetric.delete(key);
      }
    },
  };
}

/** All targets of these Canaries as {@link targetText} writes them. */
function targetsOf(canaries: ReturnType<CanaryIndex['all']>): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { namespace, spec } of canaries) targets.add(targetText({ namespace, name: spec.target.name }));
  return targets;
}

export const targetText = ({ namespace, name }: TargetName): string => `${namespace}/${name}`;
