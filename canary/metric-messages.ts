/** The texts of metric checks: which value met which bound, or why there is none. Templates 39 to 55 of the spec's table. */
import type { MetricAnswer, MetricPart } from './action.ts';
import type { Canary } from './canary.ts';
import type { Metric } from './spec.ts';
import { formatGoDuration, formatGoFixed, formatGoFloat } from './go-duration.ts';
import { warning } from './messages.ts';
import type { EventText } from './messages.ts';
import { judge } from './verdict.ts';
import type { Verdict } from './verdict.ts';

interface Check {
  readonly metric: Metric;
  readonly part: MetricPart;
}

/** What halts the advance; undefined when the check passed. */
export function haltOf(canary: Canary, check: Check, answer: MetricAnswer): EventText | undefined {
  switch (answer.kind) {
    case 'value': {
      const verdict = judge(check.metric, check.part, answer.value);
      return verdict.kind === 'pass' ? undefined : warning(outOfRange(canary, check, { value: answer.value, verdict }));
    }
    case 'noValues':
      return warning(noValues(canary, check, answer.detail));
    case 'unavailable':
      return warning(answer.stage === 'route' ? noRoute(canary, answer.detail) : queryFailed(check, answer.detail));
    case 'invalid':
      return warning(invalid(canary, check, answer));
  }
}

type Halt = Extract<Verdict, { kind: 'halt' }>;

function outOfRange(canary: Canary, { metric, part }: Check, found: { value: number; verdict: Halt }): string {
  const { value, verdict } = found;
  const halt = `Halt ${canary.name}.${canary.namespace} advancement`;
  if (part !== 'builtin') {
    return `${halt} ${metric.name} ${formatGoFixed(value, 2)} ${verdict.relation} ${formatGoFloat(verdict.bound)}`;
  }
  if (metric.name === 'request-success-rate') {
    return `${halt} success rate ${formatGoFixed(value, 2)}% ${verdict.relation} ${formatGoFloat(verdict.bound)}%`;
  }
  const measured = formatGoDuration(Math.trunc(value));
  return `${halt} request duration ${measured} ${verdict.relation} ${formatGoDuration(Math.trunc(verdict.bound))}`;
}

function noValues(canary: Canary, { metric, part }: Check, detail: string): string {
  if (part === 'query') return `Halt advancement no values found for metric: ${metric.name}`;
  if (part === 'template') return `Halt advancement no values found for custom metric: ${metric.name}: ${detail}`;
  const target = `${canary.spec.target.name}.${canary.namespace}`;
  const text = `Halt advancement no values found for ${canary.spec.provider} metric ${metric.name} probably ${target} is not receiving traffic`;
  return metric.name === 'request-success-rate' ? `${text}: ${detail}` : text;
}

const noRoute = ({ namespace, spec }: Canary, error: string): string =>
  `Error fetching Knative service ${namespace}/${spec.target.name} ${error}`;

function queryFailed({ metric, part }: Check, detail: string): string {
  if (part === 'builtin') return `Prometheus query failed: ${detail}`;
  if (part === 'query') return `Prometheus query failed for ${metric.name}: ${detail}`;
  return `Metric query failed for ${metric.name}: ${detail}`;
}

function invalid(canary: Canary, check: Check, answer: Extract<MetricAnswer, { kind: 'invalid' }>): string {
  const ref = check.metric.templateRef;
  if (answer.stage === 'client') {
    const server = withoutSecrets(canary.spec.metricsServer ?? 'the metrics server');
    return `Error building Prometheus client for ${server} ${answer.detail}`;
  }
  if (check.part !== 'template' || ref === undefined || answer.stage === 'query')
    return queryFailed(check, answer.detail);
  const template = `Metric template ${ref.name}.${ref.namespace}`;
  switch (answer.stage) {
    case 'template':
      return `${template} error: ${answer.detail}`;
    case 'secret':
      return `${template} secret ${answer.detail}`;
    case 'provider':
      return `${template} provider ${answer.detail}`;
    case 'render':
      return `${template} query render error: ${answer.detail}`;
  }
}

/**
 * An address as it may be shown: without user, password and query. This text is about addresses that are no URL, so
 * everything up to the last @ counts as a password.
 */
const withoutSecrets = (address: string): string =>
  address.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '');
