/** Schema of a MetricTemplate. Rules: canary-api.md section 8, metrics.md sections 8 and 9. */
import { z } from 'zod';
import { flag, optionalText, text, texts } from './fields.ts';
import type { AdmissionRule } from './meta.ts';

/** Types of provider that a MetricTemplate may name. Which of them can be asked: `worker/metrics/registry.ts`. */
export const metricProviderTypes = [
  'prometheus',
  'influxdb',
  'datadog',
  'externalmetrics',
  'stackdriver',
  'cloudwatch',
  'newrelic',
  'graphite',
  'dynatrace',
  'keptn',
  'splunk',
] as const;

/** Without it no query of these can ever be sent. */
const needed = (field: 'address' | 'region', types: readonly string[]): AdmissionRule => ({
  rule: `!(self.type in [${types.map((type) => `'${type}'`).join(', ')}]) || (has(self.${field}) && self.${field} != '')`,
  message: `spec.provider.${field}: expected a text, because the type of provider needs it, got nothing`,
  messageExpression: `"spec.provider.${field}: expected a text, because a provider of type " + self.type + " needs it, got nothing"`,
  fieldPath: `.${field}`,
  reason: 'FieldValueRequired',
});

const provider = z
  .object(
    {
      type: text.meta({ description: 'Whose API it is.', admitted: { enum: metricProviderTypes } }),
      address: optionalText.meta({
        description: 'Base URL of the API.',
        whenAbsent: "the vendor's own for datadog and newrelic, the API server for externalmetrics",
      }),
      headers: z.record(z.string(), texts, { error: 'an object of lists of texts' }).optional().default({}).meta({
        description: 'Headers of every request: values by name.',
      }),
      secretRef: z
        .object({ name: text.meta({ description: 'Name of the Secret.' }) }, { error: 'an object with a name' })
        .optional()
        .meta({ description: 'Secret with the credentials, in the namespace of this object. Read at every check.' }),
      region: optionalText.meta({ description: 'Region of cloudwatch.' }),
      insecureSkipVerify: flag.meta({ description: "Do not verify the provider's certificate." }),
    },
    { error: 'an object with a type' },
  )
  .meta({
    description: 'Who is asked.',
    rules: [
      needed('address', ['prometheus', 'influxdb', 'graphite', 'dynatrace', 'splunk']),
      needed('region', ['cloudwatch']),
    ],
  });

/** `spec` as it is written. */
export const metricTemplateSpec = z
  .object(
    {
      provider,
      query: text.meta({
        description:
          "Query in the provider's own language, a Go template with name, namespace, target, service, ingress, route, " +
          'interval and variables.',
      }),
    },
    { error: 'an object with provider and query' },
  )
  .meta({ description: 'What is asked.' });
