import type { StepContext } from '../context.ts';
import type { MetricProvider } from './provider.ts';
import type { MetricTemplates } from './templates.ts';

/** Where the checks of a step get their values from. */
export interface MetricSources {
  /** Base URL of the Prometheus that built-in and inline queries ask. */
  readonly addressFor: (step: StepContext) => string;
  /** @throws MetricError when that address is no URL */
  readonly prometheusFor: (step: StepContext) => MetricProvider;
  readonly templates: MetricTemplates;
  /** Name of the Kuma mesh that carries the canary's traffic, undefined when none does. */
  readonly meshOf: (step: StepContext) => Promise<string | undefined>;
  /** Template variable `route`, undefined where it follows from the Canary. Fails with RouteError. */
  readonly routeOf: (step: StepContext) => Promise<string | undefined>;
}
