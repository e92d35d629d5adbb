/** Fills in what a metric or alert leaves to the Canary it belongs to. Rules: canary-api.md section 5. */
import type { z } from 'zod';
import type { NoDataRules } from './parse-annotations.ts';
import { present } from './parse-fields.ts';
import type { metricSchema } from './schema/checks.ts';
import type { Metric, NamespacedRef } from './spec.ts';

interface MetricDefaults {
  readonly namespace: string;
  readonly noData: NoDataRules;
}

/** Gives the metric its window, its policy and its template the Canary's namespace where they are left out. */
export function toMetric(raw: z.output<typeof metricSchema>, { namespace, noData }: MetricDefaults): Metric {
  return present({
    ...raw,
    onNoData: raw.onNoData ?? noData.byMetric.get(raw.name) ?? noData.otherwise,
    interval: raw.interval ?? '1m',
    templateRef: raw.templateRef && inNamespace(raw.templateRef, namespace),
  });
}

/** The reference with its namespace, else the given one. */
export function inNamespace(
  ref: { readonly name: string; readonly namespace?: string | undefined },
  namespace: string,
): NamespacedRef {
  return { name: ref.name, namespace: ref.namespace ?? namespace };
}
