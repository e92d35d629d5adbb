/** A server that speaks Prometheus' query API as a test tells it, and a checker that asks it. */
import type { Metric } from '../../../canary/spec.ts';
import { silentLogger } from '../../../platform/observability/logger.ts';
import { createMetricChecker } from '../../../worker/metrics/check.ts';
import type { MetricChecker } from '../../../worker/metrics/check.ts';
import { createPrometheusProvider } from '../../../worker/metrics/prometheus.ts';
import { StageError } from '../../../worker/metrics/stage-error.ts';
import type { MetricTemplates } from '../../../worker/metrics/templates.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import type { Answer, Reply } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';

const http = createLocalHttp();

export const metric = (name: string, more: Partial<Metric> = {}): Metric => ({
  name,
  interval: '1m',
  templateVariables: {},
  ...more,
});

/** The answer to a query that selects series with these values. */
export const vector = (...values: string[]): Reply => ({
  body: JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  }),
});

/** A namespace without MetricTemplates. */
export const noTemplates: MetricTemplates = {
  open: async (_canary, { name, namespace }) => {
    throw new StageError('template', `no ${name} in ${namespace}`);
  },
};

export interface ScriptedPrometheus {
  /** Asks the server; every template of it has a provider at `/{name}`. */
  readonly checker: MetricChecker;
  readonly url: string;
  /** What the server was asked so far. */
  readonly queries: () => string[];
}

export async function withPrometheus(
  answer: Answer,
  use: (prometheus: ScriptedPrometheus) => Promise<void>,
): Promise<void> {
  const server = await startReceiver({ answer });
  const templates: MetricTemplates = {
    open: async (_canary, ref) => ({
      query: 'custom{ns="{{ namespace }}",x="{{ variables.x }}"}',
      type: 'prometheus',
      provider: createPrometheusProvider({ http, log: silentLogger, address: `${server.url}/${ref.name}` }),
    }),
  };
  const checker = createMetricChecker({ http, log: silentLogger, defaultMetricsServer: server.url, templates });
  const queries = (): string[] =>
    server.received.map(({ path }) => new URL(path, server.url).searchParams.get('query') ?? '');
  try {
    await use({ checker, url: server.url, queries });
  } finally {
    await server.close();
  }
}
