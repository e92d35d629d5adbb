/** Parses the objects that Canaries share: MetricTemplates and AlertProviders. Rules: canary-api.md sections 8 and 9. */
import type { z } from 'zod';
import { toProblem, withoutNulls, type Problem } from './parse-problems.ts';
import { alertProviderSpec } from './schema/alert-provider.ts';
import { metricTemplateSpec } from './schema/metric-template.ts';

export type ParsedSpec<T> =
  | { readonly ok: true; readonly spec: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type MetricTemplateSpec = z.output<typeof metricTemplateSpec>;
export type AlertProviderSpec = z.output<typeof alertProviderSpec>;

interface SharedObject {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
  readonly spec?: unknown;
}

export const parseMetricTemplate = (object: SharedObject): ParsedSpec<MetricTemplateSpec> =>
  parseSpec(metricTemplateSpec, object, 'metric template');

export const parseAlertProvider = (object: SharedObject): ParsedSpec<AlertProviderSpec> =>
  parseSpec(alertProviderSpec, object, 'alert provider');

function parseSpec<T>(schema: z.ZodType<T>, { metadata, spec: raw }: SharedObject, what: string): ParsedSpec<T> {
  const spec = withoutNulls(raw);
  const parsed = schema.safeParse(spec);
  if (parsed.success) return { ok: true, spec: parsed.data };
  const where = `${what} ${metadata.namespace}/${metadata.name}`;
  return { ok: false, problems: parsed.error.issues.map((issue) => toProblem(issue, spec, where)) };
}
