/** Opens MetricTemplates: reads the object and its Secret, and builds the provider. Specification of metrics, section 8. */
import type { Canary } from '../../canary/canary.ts';
import { parseMetricTemplate, type MetricTemplateSpec } from '../../canary/parse-shared.ts';
import type { NamespacedRef } from '../../canary/spec.ts';
import type { HttpSender } from '../../platform/http/http.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { metricTemplates, secrets } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { mayReference } from '../reads/references.ts';
import { secretValues } from '../reads/secret-values.ts';
import { MetricError } from './provider.ts';
import type { MetricProvider } from './provider.ts';
import { providerFactories } from './registry.ts';
import { messageOf } from '../../platform/error-message.ts';
import { StageError } from './stage-error.ts';

export interface OpenTemplate {
  /** Not yet rendered. */
  readonly query: string;
  readonly type: string;
  readonly provider: MetricProvider;
}

export interface MetricTemplatesOptions {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly http: HttpSender;
  readonly log: Logger;
  /** Namespaces that every Canary may refer to. */
  readonly openNamespaces: readonly string[];
}

export interface MetricTemplates {
  /**
   * Nothing is remembered: a changed template, Secret or allow-list counts from the next check on.
   *
   * @throws StageError `template`, `secret` or `provider` for what is wrong with them
   * @throws MetricError `unavailable` when the API server could not be asked
   */
  open(canary: Canary, ref: NamespacedRef, signal: AbortSignal): Promise<OpenTemplate>;
}

export function createMetricTemplates({ client, http, log, openNamespaces }: MetricTemplatesOptions): MetricTemplates {
  const read = async (resource: Resource, ref: NamespacedRef, signal: AbortSignal): Promise<KubernetesObject> => {
    try {
      return await client.get(resource, ref, { signal });
    } catch (error) {
      throw isKubernetesError(error, 'throttled', 'unavailable', 'timeout') ? unavailable(error) : error;
    }
  };

  const secretOf = async ({ provider }: MetricTemplateSpec, namespace: string, signal: AbortSignal) => {
    if (provider.secretRef === undefined) return undefined;
    const { name } = provider.secretRef;
    const secret = await read(secrets, { namespace, name }, signal).catch((error: unknown) => {
      throw staged('secret', error, `${name} error: `);
    });
    return { values: secretValues(secret) };
  };

  return {
    open: async (canary, ref, signal) => {
      if (!mayReference(canary, ref.namespace, openNamespaces)) throw blocked(ref);
      const template = await read(metricTemplates, ref, signal).catch((error: unknown) => {
        throw staged('template', error);
      });
      const spec = specOf(template);
      const secret = await secretOf(spec, ref.namespace, signal);
      const { type } = spec.provider;
      const provider = inStage(type, () => {
        const factory = providerFactories.get(type);
        if (factory === undefined) throw new Error(unsupported(type));
        return factory({
          http,
          log,
          ...settingsOf(spec),
          ...(secret === undefined ? {} : { secret: secret.values }),
        });
      });
      return { query: spec.query, type, provider };
    },
  };
}

const blocked = ({ name, namespace }: NamespacedRef): StageError =>
  new StageError(
    'template',
    `can't access metric template ${name}.${namespace}, cross-namespace references are blocked`,
  );

const unsupported = (type: string): string =>
  `expected a provider of type ${[...providerFactories.keys()].join(' or ')}, got '${type}'`;

const unavailable = (cause: Error): MetricError => new MetricError('unavailable', cause.message, { cause });

function staged(stage: 'template' | 'secret', error: unknown, prefix = ''): unknown {
  return isKubernetesError(error) ? new StageError(stage, prefix + error.message, { cause: error }) : error;
}

function inStage(type: string, build: () => MetricProvider): MetricProvider {
  try {
    return build();
  } catch (cause) {
    throw new StageError('provider', `${type} error: ${messageOf(cause)}`, { cause });
  }
}

function specOf(template: KubernetesObject): MetricTemplateSpec {
  const parsed = parseMetricTemplate(template);
  if (parsed.ok) return parsed.spec;
  throw new StageError('template', parsed.problems.map(({ message }) => message).join('; '));
}

function settingsOf({ provider: { address = '', headers, insecureSkipVerify } }: MetricTemplateSpec) {
  const joined = Object.entries(headers).map(([name, values]) => [name, values.join(', ')] as const);
  return { address, headers: Object.fromEntries(joined), insecureSkipVerify };
}
