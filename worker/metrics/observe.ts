/** Whether the providers that an analysis needs can be reached. Texts: specification of events and alerts, section 2. */
import type { ProvidersAnswer } from '../../canary/action.ts';
import type { Metric, NamespacedRef } from '../../canary/spec.ts';
import { isBuiltinMetric } from '../../canary/verdict.ts';
import type { StepContext } from '../context.ts';
import { withoutCredentials } from '../shown.ts';
import { MetricError } from './provider.ts';
import type { MetricSources } from './sources.ts';
import { messageOf } from '../../platform/error-message.ts';
import { StageError } from './stage-error.ts';

/** Asks every provider once, in the order of the metrics, up to the first that cannot be reached. */
export async function observeProviders(sources: MetricSources, step: StepContext): Promise<ProvidersAnswer> {
  try {
    for (const look of looksOf(step.canary.spec.analysis.metrics)) await look(sources, step);
    return { kind: 'available' };
  } catch (error) {
    step.signal.throwIfAborted();
    if (!(error instanceof Unreachable)) throw error;
    return { kind: 'unavailable', detail: error.message };
  }
}

class Unreachable extends Error {}

type Look = (sources: MetricSources, step: StepContext) => Promise<void>;

function looksOf(metrics: readonly Metric[]): Iterable<Look> {
  const looks = new Map<string, Look>();
  for (const { name, query, templateRef: ref } of metrics) {
    if (isBuiltinMetric(name) || query !== undefined) looks.set('prometheus', lookAtPrometheus);
    if (ref !== undefined)
      looks.set(`${ref.name}.${ref.namespace}`, (sources, step) => lookAtTemplate(sources, step, ref));
  }
  return looks.values();
}

async function lookAtPrometheus(sources: MetricSources, step: StepContext): Promise<void> {
  const address = withoutCredentials(sources.addressFor(step));
  const client = await attempt(`error building Prometheus client for ${address} `, async () =>
    sources.prometheusFor(step),
  );
  await attempt('prometheus not avaiable: ', () => client.isOnline(step.signal));
}

async function lookAtTemplate(sources: MetricSources, step: StepContext, ref: NamespacedRef): Promise<void> {
  const template = `metric template ${ref.name}.${ref.namespace}`;
  const { type, provider } = await attempt(
    (error) => `${template} ${wordsOf(error)}`,
    () => sources.templates.open(step.canary, ref, step.signal),
  );
  await attempt(`${type} in ${template} not avaiable: `, () => provider.isOnline(step.signal));
}

/** The messages of the stages secret and provider say themselves which of them they mean. */
function wordsOf(error: unknown): string {
  const stage = error instanceof StageError ? error.stage : 'template';
  return stage === 'secret' || stage === 'provider' ? `${stage} ` : 'error: ';
}

async function attempt<T>(prefix: string | ((error: unknown) => string), work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof MetricError) && !(cause instanceof StageError)) throw cause;
    const words = typeof prefix === 'string' ? prefix : prefix(cause);
    throw new Unreachable(words + messageOf(cause), { cause });
  }
}
