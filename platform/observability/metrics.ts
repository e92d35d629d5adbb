import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface MetricDescription<Label extends string> {
  name: string;
  help: string;
  labels?: readonly Label[] | undefined;
  /** Called before the values are shown: the place to set or to remove them. */
  collect?: (() => void | Promise<void>) | undefined;
}

export interface HistogramDescription<Label extends string> extends MetricDescription<Label> {
  /** Upper bounds, in the unit of the metric's name (seconds). */
  buckets?: readonly number[] | undefined;
}

/** The metrics of one process, in a registry of its own. */
export interface Metrics {
  counter<Label extends string>(description: MetricDescription<Label>): Counter<Label>;
  gauge<Label extends string>(description: MetricDescription<Label>): Gauge<Label>;
  histogram<Label extends string>(description: HistogramDescription<Label>): Histogram<Label>;
  /** Text appended to the exposition, as BullMQ's own. A failing source leaves its part out. */
  addSource(source: () => Promise<string>): void;
  /** Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  /** Also collect memory, CPU and event-loop figures of the process. Default false. */
  processMetrics?: boolean | undefined;
}

/**
 * Milliseconds between two looks at the event loop. Each look wakes the process: at prom-client's own 10 ms a process that
 * has nothing to do spends five times as much on looking.
 */
const eventLoopMonitoringPrecision = 50;

/** A registry of its own, so that two in one process (as in tests) do not meet. A name may be given once. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  const sources: (() => Promise<string>)[] = [];
  const registers = [registry];
  const named = <Label extends string>({ name, help, labels = [], collect }: MetricDescription<Label>) => ({
    name,
    help,
    labelNames: [...labels],
    registers,
    ...(collect === undefined ? {} : { collect }),
  });
  return {
    counter: (description) => new Counter(named(description)),
    gauge: (description) => new Gauge(named(description)),
    histogram: (description) =>
      new Histogram({
        ...named(description),
        ...(description.buckets === undefined ? {} : { buckets: [...description.buckets] }),
      }),
    addSource: (source) => void sources.push(source),
    render: async () => [await registry.metrics(), ...(await textsOf(sources))].join('\n'),
    contentType: registry.contentType,
  };
}

async function textsOf(sources: readonly (() => Promise<string>)[]): Promise<string[]> {
  const results = await Promise.allSettled(sources.map((source) => source()));
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
