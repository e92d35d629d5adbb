/**
 * Answers the rules' questions about metrics: renders a query, asks its provider, converts units.
 *
 * What an answer means for the canary is decided in canary/verdict.ts.
 */
import type { MetricAnswer, MetricPart, ProvidersAnswer } from '../../canary/action.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Metric } from '../../canary/spec.ts';
import { declaredMesh, defaultMesh } from '../../canary/mesh.ts';
import type { HttpSender } from '../../platform/http/http.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import type { StepContext } from '../context.ts';
import { observeProviders } from './observe.ts';
import { observedProvider } from './observed-provider.ts';
import type { ProviderObservation } from './observed-provider.ts';
import { createPrometheusProvider } from './prometheus.ts';
import { MetricError } from './provider.ts';
import type { MetricProvider } from './provider.ts';
import type { MetricSources } from './sources.ts';
import { RouteError, StageError } from './stage-error.ts';
import { TemplateError } from './template.ts';
import type { MetricTemplates } from './templates.ts';
import { valueOf } from './value.ts';
import type { Check } from './value.ts';

export interface MetricCheckerOptions {
  readonly http: HttpSender;
  readonly log: Logger;
  /** Prometheus of every Canary that names none, as `http://prometheus:9090`. */
  readonly defaultMetricsServer: string;
  readonly templates: MetricTemplates;
  /**
   * Name of the Kuma mesh that carries the canary's traffic, undefined when none does. Without it, the mesh is what a
   * Canary with provider kuma names by label or annotation, else `default`.
   */
  readonly meshOf?: MetricSources['meshOf'] | undefined;
  /** Without it, `route` is what the Canary names. */
  readonly routeOf?: MetricSources['routeOf'] | undefined;
  readonly observed?: CheckObservation | undefined;
}

/** Who is told of queries and of values. */
export interface CheckObservation extends Pick<ProviderObservation, 'clock' | 'observe'> {
  readonly onValue: (canary: Canary, check: Check, value: number) => void;
}

/** Both methods reject only with the reason of an aborted step, or with an error that nobody expected. */
export interface MetricChecker {
  query(step: StepContext, metric: Metric, part: MetricPart): Promise<MetricAnswer>;
  /** Whether every provider that the analysis needs can be reached. */
  observe(step: StepContext): Promise<ProvidersAnswer>;
}

export function createMetricChecker(options: MetricCheckerOptions): MetricChecker {
  const { http, log, meshOf = meshByName, routeOf = async () => undefined, observed } = options;
  const addressFor = ({ canary }: StepContext): string => canary.spec.metricsServer ?? options.defaultMetricsServer;
  const timed = (type: string, provider: MetricProvider): MetricProvider =>
    observed === undefined ? provider : observedProvider(provider, { ...observed, type });
  const sources: MetricSources = {
    addressFor,
    prometheusFor: (step) => timed('prometheus', createPrometheusProvider({ http, log, address: addressFor(step) })),
    templates: {
      open: async (...asked) => {
        const opened = await options.templates.open(...asked);
        return { ...opened, provider: timed(opened.type, opened.provider) };
      },
    },
    meshOf,
    routeOf,
  };
  return {
    query: async (step, metric, part) => {
      try {
        const value = await valueOf(sources, step, { metric, part });
        observed?.onValue(step.canary, { metric, part }, value);
        return { kind: 'value', value };
      } catch (error) {
        step.signal.throwIfAborted();
        return answerTo(error);
      }
    },
    observe: (step) => observeProviders(sources, step),
  };
}

const meshByName = async ({ canary }: StepContext): Promise<string | undefined> =>
  canary.spec.provider.startsWith('kuma') ? (declaredMesh(canary) ?? defaultMesh) : undefined;

function answerTo(error: unknown): MetricAnswer {
  if (error instanceof StageError) return { kind: 'invalid', stage: error.stage, detail: error.message };
  if (error instanceof RouteError) return { kind: 'unavailable', stage: 'route', detail: error.message };
  if (error instanceof TemplateError) return { kind: 'invalid', stage: 'render', detail: error.message };
  if (!(error instanceof MetricError)) throw error;
  return error.kind === 'invalid'
    ? { kind: 'invalid', stage: 'query', detail: error.message }
    : { kind: error.kind, detail: error.message };
}
