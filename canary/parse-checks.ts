/** Parses what an analysis asks and tells: metrics, webhooks, alerts. Rules: canary-api.md section 5, webhooks.md section 1. */
import { z } from 'zod';
import { hookTypes, noDataPolicies, type Metric } from './spec.ts';
import { parseGoDuration } from './go-duration.ts';
import type { NoDataRules } from './parse-annotations.ts';
import { finite, flag, integer, oneOf, optionalText, present, requiredText, textMap } from './parse-fields.ts';

const DEFAULT_HOOK_TIMEOUT_MS = 10_000;

const range = z
  .object({ min: finite.optional(), max: finite.optional() }, { error: 'an object with min and max' })
  .transform((value) => present(value))
  .optional();

/** A reference to a name here or in another namespace; the namespace is filled in by `inNamespace`. */
const reference = z.object({ name: requiredText, namespace: optionalText }, { error: 'an object with a name' });

const metric = z.object(
  {
    name: requiredText,
    interval: optionalText,
    threshold: finite.optional(),
    thresholdRange: range,
    query: optionalText,
    templateRef: reference.optional(),
    templateVariables: textMap,
    onNoData: oneOf(noDataPolicies).optional(),
  },
  { error: 'an object with a name' },
);

export const metricsSchema = z.array(metric, { error: 'a list of metrics' }).optional().default([]);

const alert = z.object(
  {
    name: requiredText,
    severity: oneOf(['info', 'warn', 'error', ''])
      .optional()
      .transform((value) => (value === undefined || value === '' ? ('info' as const) : value)),
    providerRef: reference,
  },
  { error: 'an object with a name' },
);

export const alertsSchema = z.array(alert, { error: 'a list of alerts' }).optional().default([]);

const timeout = z
  .string({ error: 'a duration like 30s' })
  .optional()
  // One character can't hold a number and a unit: such a text counts as left out, as in the reference.
  .transform((value) => (value === undefined || value.length < 2 ? DEFAULT_HOOK_TIMEOUT_MS : parseGoDuration(value)))
  .pipe(z.number({ error: 'a duration like 30s' }).gt(0, { error: 'a duration longer than 0s' }));

const webhook = z
  .object(
    {
      name: requiredText,
      type: oneOf([...hookTypes, ''])
        .optional()
        .transform((value) => (value === undefined || value === '' ? ('rollout' as const) : value)),
      url: z.string({ error: 'an http or https URL' }).refine(isHttpUrl, { error: 'an http or https URL' }),
      timeout,
      retries: integer(0).optional().default(0),
      metadata: textMap,
      muteAlert: flag,
      disableTLS: flag,
    },
    { error: 'an object with a name and a url' },
  )
  .transform(({ timeout: timeoutMs, ...hook }) => ({ ...hook, timeoutMs }));

export const webhooksSchema = z.array(webhook, { error: 'a list of webhooks' }).optional().default([]);

interface MetricDefaults {
  readonly namespace: string;
  readonly noData: NoDataRules;
}

/** Gives the metric its window, its policy and its template the Canary's namespace where they are left out. */
export function toMetric(raw: z.output<typeof metric>, { namespace, noData }: MetricDefaults): Metric {
  return present({
    ...raw,
    onNoData: raw.onNoData ?? noData.byMetric.get(raw.name) ?? noData.otherwise,
    interval: raw.interval ?? '1m',
    templateRef: raw.templateRef && inNamespace(raw.templateRef, namespace),
  });
}

/** The reference with its namespace, else the given one. */
export function inNamespace(
  ref: z.output<typeof reference>,
  namespace: string,
): { readonly name: string; readonly namespace: string } {
  return { name: ref.name, namespace: ref.namespace ?? namespace };
}

function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
