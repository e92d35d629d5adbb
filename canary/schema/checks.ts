/** Schemas of what an analysis asks and tells: metrics, webhooks, alerts. Rules: canary-api.md section 5, webhooks.md section 1. */
import { z } from 'zod';
import { parseGoDuration } from '../go-duration.ts';
import { present } from '../parse-fields.ts';
import { hookTypes, noDataPolicies } from '../spec.ts';
import { durationPattern, finite, flag, integer, oneOf, optionalText, requiredText, textMap } from './fields.ts';

const DEFAULT_HOOK_TIMEOUT_MS = 10_000;

const range = z
  .object(
    {
      min: finite.optional().meta({ description: 'The check fails below it.', whenAbsent: 'no bound' }),
      max: finite.optional().meta({ description: 'The check fails above it.', whenAbsent: 'no bound' }),
    },
    { error: 'an object with min and max' },
  )
  .transform((value) => present(value))
  .optional();

const reference = (what: string) =>
  z.object(
    {
      name: requiredText.meta({ description: `Name of the ${what}.` }),
      namespace: optionalText.meta({
        description: `Namespace of the ${what}. Another one than the Canary's has to be opened by the operator.`,
        whenAbsent: 'the namespace of the Canary',
      }),
    },
    { error: 'an object with a name' },
  );

export const metricSchema = z.object(
  {
    name: requiredText.meta({
      description:
        'Name of the check. request-success-rate (percent) and request-duration (milliseconds) are built in.',
    }),
    interval: optionalText.meta({
      description: 'Window of the query.',
      whenAbsent: '1m',
      admitted: { pattern: durationPattern },
    }),
    thresholdRange: range.meta({ description: 'Values that pass, bounds included.' }),
    threshold: finite.optional().meta({
      description: 'Deprecated, use thresholdRange. Least success rate; most of anything else.',
    }),
    templateRef: reference('MetricTemplate').optional().meta({ description: 'The MetricTemplate that is asked.' }),
    templateVariables: textMap.meta({ description: 'Values of {{ variables.name }} in the query of the template.' }),
    onNoData: oneOf(noDataPolicies)
      .optional()
      .meta({
        description:
          'What it means that there are no values: a failed check, a wait, nothing while another metric has some, or a ' +
          'passed check.',
        whenAbsent: 'what the annotation aviary.dev/on-no-data says, else fail',
      }),
    query: optionalText.meta({ description: 'Deprecated, use templateRef. A query of the Prometheus of this Canary.' }),
  },
  { error: 'an object with a name' },
);

export const metricsSchema = z.array(metricSchema, { error: 'a list of metrics' }).optional().default([]);

const alert = z.object(
  {
    name: requiredText.meta({ description: 'Name of the entry, for readers.' }),
    severity: oneOf(['info', 'warn', 'error', ''])
      .optional()
      .transform((value) => (value === undefined || value === '' ? ('info' as const) : value))
      .meta({ description: 'Least severity that is sent.', whenAbsent: 'info' }),
    providerRef: reference('AlertProvider').meta({ description: 'The AlertProvider that it is sent to.' }),
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
      name: requiredText.meta({ description: 'Name of the webhook, said in events.' }),
      type: oneOf([...hookTypes, ''])
        .optional()
        .transform((value) => (value === undefined || value === '' ? ('rollout' as const) : value))
        .meta({
          description:
            'When it is called: as a gate (confirm-…, rollback), as a check (pre-rollout, rollout), or told.',
          whenAbsent: 'rollout',
        }),
      url: z
        .string({ error: 'an http or https URL' })
        .refine(isHttpUrl, { error: 'an http or https URL' })
        .meta({ description: 'Where the POST goes.' }),
      timeout: timeout.meta({
        description: 'Bound of one attempt.',
        whenAbsent: '10s',
        admitted: { pattern: durationPattern },
      }),
      retries: integer(0).optional().default(0).meta({ description: 'Attempts after the first.' }),
      metadata: textMap.meta({ description: 'Sent along in the body.' }),
      muteAlert: flag.meta({ description: 'Send no alert when it fails; the event stays.' }),
      disableTLS: flag.meta({ description: "Do not verify the receiver's certificate. TLS is used all the same." }),
    },
    { error: 'an object with a name and a url' },
  )
  .transform(({ timeout: timeoutMs, ...hook }) => ({ ...hook, timeoutMs }));

export const webhooksSchema = z.array(webhook, { error: 'a list of webhooks' }).optional().default([]);

function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
