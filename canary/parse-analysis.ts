/** Makes an Analysis of `spec.analysis`. Rules: canary-api.md section 4. */
import type { z } from 'zod';
import { capabilitiesOf } from './capabilities.ts';
import { parseGoDuration } from './go-duration.ts';
import type { Extensions } from './parse-annotations.ts';
import { inNamespace, toMetric } from './parse-checks.ts';
import { present } from './parse-fields.ts';
import { limitsOf } from './rollback-due.ts';
import type { analysisSchema } from './schema/analysis.ts';
import type { Analysis, Provider } from './spec.ts';

const DEFAULT_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1_000;
const BLUE_GREEN_ITERATIONS = 10;

type WrittenAnalysis = z.output<typeof analysisSchema>;

interface Surroundings {
  readonly namespace: string;
  readonly provider: Provider;
  readonly extensions: Pick<Extensions, 'checkErrorLimit' | 'noData'>;
}

/** Fills in the defaults; what a value outside of the reference's range means is decided here. */
export function toAnalysis(raw: WrittenAnalysis, surroundings: Surroundings): Analysis {
  const { namespace, provider, extensions } = surroundings;
  const isKubernetes = provider === 'kubernetes';
  const iterations = Math.max(raw.iterations, 0);
  const { interval, ...rest } = raw;
  return present({
    ...rest,
    intervalMs: Math.max(parseInterval(interval) ?? DEFAULT_INTERVAL_MS, MIN_INTERVAL_MS),
    ...limitsOf(raw.threshold, extensions.checkErrorLimit),
    iterations: isKubernetes && iterations === 0 ? BLUE_GREEN_ITERATIONS : iterations,
    maxWeight: raw.stepWeights.at(-1) ?? (raw.maxWeight <= 0 ? 100 : raw.maxWeight),
    match: isKubernetes ? [] : raw.match,
    mirror: raw.mirror && !losesMirror(raw, provider),
    mirrorWeight: raw.mirrorWeight || undefined,
    metrics: raw.metrics.map((metric) => toMetric(metric, { namespace, noData: extensions.noData })),
    alerts: raw.alerts.map((alert) => ({ ...alert, providerRef: inNamespace(alert.providerRef, namespace) })),
  });
}

/** Sentences to be said as Warnings once per run, because the analysis does not mean what it says. */
export function analysisWarnings(raw: WrittenAnalysis, provider: Provider): string[] {
  return [
    ...intervalWarnings(raw.interval),
    ...hugeSteps(raw),
    ...boundlessMetrics(raw.metrics),
    ...kubernetesWarnings(raw, provider),
    ...driftingShare(raw, provider),
    ...(losesMirror(raw, provider) ? [`Traffic mirroring is not supported when using the ${provider} provider`] : []),
  ];
}

/** Blue/Green goes on without a mirror where the provider has none; with weights validation refuses it. */
function losesMirror(raw: WrittenAnalysis, provider: Provider): boolean {
  const isBlueGreen = provider === 'kubernetes' || (raw.iterations > 0 && raw.match.length === 0);
  return raw.mirror && isBlueGreen && capabilitiesOf(provider)?.mirror === 'never';
}

/** Whoever was on the canary stays there, and every step sends more there who stay. */
function driftingShare({ sessionAffinity }: WrittenAnalysis, provider: Provider): string[] {
  const isOneSided = sessionAffinity !== undefined && sessionAffinity.primaryCookieName === undefined;
  if (!isOneSided || capabilitiesOf(provider)?.sessionAffinity !== true) return [];
  return [
    'spec.analysis.sessionAffinity: with cookieName alone the share of users on the canary grows beyond its weight ' +
      'with every request, towards all of them: set primaryCookieName, too',
  ];
}

function intervalWarnings(interval: string): string[] {
  if (interval === '' || parseInterval(interval) !== undefined) return [];
  return [`spec.analysis.interval: expected a duration like 1m30s, got '${interval}': using 60s`];
}

/** The reference takes such a step for one of 100. */
const hugeSteps = (raw: WrittenAnalysis): string[] =>
  (['stepWeight', 'stepWeightPromotion'] as const)
    .filter((field) => raw[field] > 100)
    .map(
      (field) =>
        `spec.analysis.${field}: expected an integer from 0 to 100, got ${raw[field]}: all traffic moves in one step`,
    );

function boundlessMetrics(metrics: WrittenAnalysis['metrics']): string[] {
  return metrics
    .filter((metric) => metric.threshold === undefined && metric.thresholdRange === undefined)
    .map(({ name }) =>
      name === 'request-success-rate'
        ? `Metric ${name} has neither thresholdRange nor threshold: it always passes`
        : `Metric ${name} has neither thresholdRange nor threshold: every value above 0 fails`,
    );
}

/** Texts: events-alerts.md section 2, entries 23 to 25. */
function kubernetesWarnings(raw: WrittenAnalysis, provider: Provider): string[] {
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
