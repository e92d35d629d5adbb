/** The value of one check of a metric: by built-in query, inline query or template. */
import type { MetricPart } from '../../canary/action.ts';
import type { Metric } from '../../canary/spec.ts';
import { defaultMesh } from '../../canary/mesh.ts';
import type { BuiltinMetric } from '../../canary/verdict.ts';
import { isBuiltinMetric } from '../../canary/verdict.ts';
import type { StepContext } from '../context.ts';
import { MetricError } from './provider.ts';
import type { MetricProvider } from './provider.ts';
import type { QuerySet } from './queries/query-set.ts';
import { querySetOf } from './queries/select.ts';
import type { MetricSources } from './sources.ts';
import { messageOf } from '../../platform/error-message.ts';
import { StageError } from './stage-error.ts';
import { renderTemplate } from './template.ts';
import { variablesOf } from './variables.ts';

export interface Check {
  readonly metric: Metric;
  readonly part: MetricPart;
}

/** A check with what its query may say. */
interface Prepared {
  readonly metric: Metric;
  readonly mesh: string | undefined;
  readonly render: (template: string) => string;
}

/**
 * @returns percent for a success rate, whole milliseconds for a request duration, else what the query yields
 * @throws StageError, RouteError, TemplateError, MetricError
 */
export async function valueOf(sources: MetricSources, step: StepContext, { metric, part }: Check): Promise<number> {
  const [mesh, route] = await Promise.all([sources.meshOf(step), sources.routeOf(step)]);
  const variables = variablesOf(step.canary, metric, { mesh: mesh ?? defaultMesh, route });
  const prepared: Prepared = { metric, mesh, render: (template) => renderTemplate(template, variables) };
  return waysToAsk[part](sources, step, prepared);
}

type WayToAsk = (sources: MetricSources, step: StepContext, prepared: Prepared) => Promise<number>;

const waysToAsk: Readonly<Record<MetricPart, WayToAsk>> = {
  builtin: async (sources, step, { metric, mesh, render }) => {
    const { name, set } = builtinOf(step, metric, mesh);
    const query = render(set.queries[name]);
    const value = await ask(prometheus(sources, step), { query, set }, step.signal);
    if (name === 'request-success-rate') return value;
    return Math.trunc(set.durationUnit === 'seconds' ? value * 1000 : value);
  },
  query: async (sources, step, { metric, render }) => {
    const client = prometheus(sources, step);
    return client.query(render(metric.query ?? ''), step.signal);
  },
  template: async (sources, step, { metric, render }) => {
    if (metric.templateRef === undefined)
      throw new StageError('template', `metric '${metric.name}' has no templateRef`);
    const { query, provider } = await sources.templates.open(step.canary, metric.templateRef, step.signal);
    return provider.query(render(query), step.signal);
  },
};

function prometheus(sources: MetricSources, step: StepContext): MetricProvider {
  try {
    return sources.prometheusFor(step);
  } catch (cause) {
    throw new StageError('client', messageOf(cause), { cause });
  }
}

function builtinOf(
  { canary }: StepContext,
  { name }: Metric,
  mesh: string | undefined,
): { name: BuiltinMetric; set: QuerySet } {
  const { provider } = canary.spec;
  const set = querySetOf(canary, mesh !== undefined);
  if (!isBuiltinMetric(name)) throw new StageError('query', `metric '${name}' has no built-in query`);
  if (set !== undefined) return { name, set };
  throw new StageError(
    'query',
    `provider ${provider} has no built-in query for ${name}: give the metric a templateRef to a MetricTemplate`,
  );
}

/** The reference's way of saying where a failed built-in query failed. */
async function ask(
  provider: MetricProvider,
  { query, set }: { query: string; set: QuerySet },
  signal: AbortSignal,
): Promise<number> {
  try {
    return await provider.query(query, signal);
  } catch (error) {
    if (set.tellsErrorsBare || !(error instanceof MetricError)) throw error;
    throw new MetricError(error.kind, `running query failed: ${error.message}`, { cause: error });
  }
}
