/** Parses `spec.analysis`. Rules: canary-api.md section 4. */
import { z } from 'zod';
import type { Analysis, Provider, SessionAffinity } from './spec.ts';
import { capabilitiesOf } from './capabilities.ts';
import { parseGoDuration } from './go-duration.ts';
import type { Extensions } from './parse-annotations.ts';
import { alertsSchema, inNamespace, metricsSchema, toMetric, webhooksSchema } from './parse-checks.ts';
import { anyInteger, flag, integer, oneOf, optionalText, present, requiredText } from './parse-fields.ts';
import { requestMatches } from './parse-match.ts';

const DEFAULT_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1_000;
const DEFAULT_COOKIE_AGE_SECONDS = 86_400;
const BLUE_GREEN_ITERATIONS = 10;

const ascendingWeights = 'ascending integers from 1 to 100';

const stepWeights = z
  .array(z.number({ error: 'an integer from 1 to 100' }).int({ error: 'an integer from 1 to 100' }), {
    error: ascendingWeights,
  })
  .optional()
  .default([])
  .transform((weights) => weights.map((weight) => Math.min(weight, 100)))
  .refine((weights) => weights.every((weight, index) => weight > (weights[index - 1] ?? 0)), {
    error: ascendingWeights,
  });

const percent = integer(0, 100);

const sessionAffinity = z
  .object(
    {
      cookieName: requiredText,
      primaryCookieName: optionalText,
      maxAge: integer(0).optional(),
      domain: optionalText,
      httpOnly: z.boolean({ error: 'true or false' }).optional(),
      partitioned: z.boolean({ error: 'true or false' }).optional(),
      path: optionalText,
      sameSite: oneOf(['Strict', 'Lax', 'None']).optional(),
      secure: z.boolean({ error: 'true or false' }).optional(),
    },
    { error: 'an object with a cookieName' },
  )
  .transform(
    (raw): SessionAffinity =>
      present({
        cookieName: raw.cookieName,
        primaryCookieName: raw.primaryCookieName,
        maxAge: raw.maxAge || DEFAULT_COOKIE_AGE_SECONDS,
        // The order is that of the Set-Cookie header.
        attributes: present({
          Domain: raw.domain,
          HttpOnly: raw.httpOnly,
          Partitioned: raw.partitioned,
          Path: raw.path,
          SameSite: raw.sameSite,
          Secure: raw.secure,
        }) as Record<string, string | boolean>,
      }),
  );

/** Schema of `spec.analysis` as it is written; left out altogether it is the empty analysis. */
export const analysisSchema = z.object(
  {
    interval: z.string({ error: 'a duration like 1m' }).optional().default(''),
    threshold: anyInteger.optional().default(1),
    iterations: anyInteger.optional().default(0),
    maxWeight: z
      .number({ error: 'an integer from 1 to 100' })
      .int({ error: 'an integer from 1 to 100' })
      .max(100, { error: 'an integer from 1 to 100' })
      .optional()
      .default(100),
    stepWeight: percent.optional().default(0),
    stepWeights,
    stepWeightPromotion: percent.optional().default(0),
    match: requestMatches,
    mirror: flag,
    mirrorWeight: percent.optional(),
    primaryReadyThreshold: percent.optional().default(100),
    canaryReadyThreshold: percent.optional().default(100),
    metrics: metricsSchema,
    alerts: alertsSchema,
    webhooks: webhooksSchema,
    sessionAffinity: sessionAffinity.optional(),
  },
  { error: 'an object' },
);

interface Surroundings {
  readonly namespace: string;
  readonly provider: Provider;
  readonly extensions: Pick<Extensions, 'checkErrorLimit' | 'noData'>;
}

/** Fills in the defaults; what a value outside of the reference's range means is decided here. */
export function toAnalysis(raw: z.output<typeof analysisSchema>, surroundings: Surroundings): Analysis {
  const { namespace, provider, extensions } = surroundings;
  const isKubernetes = provider === 'kubernetes';
  const iterations = Math.max(raw.iterations, 0);
  const { interval, ...rest } = raw;
  return present({
    ...rest,
    intervalMs: Math.max(parseInterval(interval) ?? DEFAULT_INTERVAL_MS, MIN_INTERVAL_MS),
    ...limitsOf(raw, extensions),
    iterations: isKubernetes && iterations === 0 ? BLUE_GREEN_ITERATIONS : iterations,
    maxWeight: raw.stepWeights.at(-1) ?? (raw.maxWeight <= 0 ? 100 : raw.maxWeight),
    match: isKubernetes ? [] : raw.match,
    mirror: raw.mirror && !losesMirror(raw, provider),
    mirrorWeight: raw.mirrorWeight || undefined,
    metrics: raw.metrics.map((metric) => toMetric(metric, { namespace, noData: extensions.noData })),
    alerts: raw.alerts.map((alert) => ({ ...alert, providerRef: inNamespace(alert.providerRef, namespace) })),
  });
}

/** How much may go wrong: in the release, and in looking at it. */
function limitsOf(
  raw: z.output<typeof analysisSchema>,
  { checkErrorLimit }: Surroundings['extensions'],
): Pick<Analysis, 'threshold' | 'checkErrorLimit'> {
  const threshold = raw.threshold <= 0 ? 1 : raw.threshold;
  return { threshold, checkErrorLimit: checkErrorLimit ?? threshold };
}

/** Sentences to be said as Warnings once per run, because the analysis does not mean what it says. */
export function analysisWarnings(raw: z.output<typeof analysisSchema>, provider: Provider): string[] {
  return [
    ...intervalWarnings(raw.interval),
    ...boundlessMetrics(raw.metrics),
    ...kubernetesWarnings(raw, provider),
    ...(losesMirror(raw, provider) ? [`Traffic mirroring is not supported when using the ${provider} provider`] : []),
  ];
}

/** Blue/Green goes on without a mirror where the provider has none; with weights validation refuses it. */
function losesMirror(raw: z.output<typeof analysisSchema>, provider: Provider): boolean {
  const isBlueGreen = provider === 'kubernetes' || (raw.iterations > 0 && raw.match.length === 0);
  return raw.mirror && isBlueGreen && capabilitiesOf(provider)?.mirror === 'never';
}

function intervalWarnings(interval: string): string[] {
  if (interval === '' || parseInterval(interval) !== undefined) return [];
  return [`spec.analysis.interval: expected a duration like 1m30s, got '${interval}': using 60s`];
}

function boundlessMetrics(metrics: z.output<typeof metricsSchema>): string[] {
  return metrics
    .filter((metric) => metric.threshold === undefined && metric.thresholdRange === undefined)
    .map(({ name }) =>
      name === 'request-success-rate'
        ? `Metric ${name} has neither thresholdRange nor threshold: it always passes`
        : `Metric ${name} has neither thresholdRange nor threshold: every value above 0 fails`,
    );
}

/** Texts: events-alerts.md section 2, entries 23 to 25. */
function kubernetesWarnings(raw: z.output<typeof analysisSchema>, provider: Provider): string[] {
  if (provider !== 'kubernetes') return [];
  const warnings: string[] = [];
  if (raw.match.length > 0) warnings.push('A/B testing is not supported when using the kubernetes provider');
  if (raw.iterations < 1) {
    warnings.push('Progressive traffic is not supported when using the kubernetes provider');
    warnings.push(`Setting canaryAnalysis.iterations: ${BLUE_GREEN_ITERATIONS}`);
  }
  return warnings;
}

function parseInterval(interval: string): number | undefined {
  return interval === '' ? undefined : parseGoDuration(interval);
}
