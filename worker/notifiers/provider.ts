/** Opens AlertProviders: reads the object and its Secret. Specification of events and alerts, section 5. */
import type { Canary } from '../../canary/canary.ts';
import { parseAlertProvider, type AlertProviderSpec } from '../../canary/parse-shared.ts';
import type { NamespacedRef } from '../../canary/spec.ts';
import type { HttpSender } from '../../platform/http/http.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { alertProviders, secrets } from '../../platform/kubernetes/resources.ts';
import { mayReference } from '../reads/references.ts';
import { secretValues } from '../reads/secret-values.ts';
import type { Notifier } from './notifier.ts';
import { notifierFactories } from './registry.ts';
import type { NotifierRequest } from './registry.ts';
import { messageOf } from '../../platform/error-message.ts';

/** The alert cannot be sent until somebody changes a Canary, an AlertProvider or a Secret: not worth a retry. */
export class AlertSetupError extends Error {
  override readonly name = 'AlertSetupError';
}

export interface AlertProvidersOptions {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly http: HttpSender;
  /** Namespaces that every Canary may refer to. */
  readonly openNamespaces: readonly string[];
}

/**
 * Reads one AlertProvider. Nothing is remembered, so a changed Secret counts from the next alert on.
 *
 * @throws AlertSetupError for what is wrong with the provider or its Secret
 * @throws KubernetesError when the API server could not be asked
 */
export type OpenAlertProvider = (canary: Canary, ref: NamespacedRef, signal: AbortSignal) => Promise<Notifier>;

export function createAlertProviders({ client, http, openNamespaces }: AlertProvidersOptions): OpenAlertProvider {
  return async (canary, ref, signal) => {
    const said = `alert provider ${ref.name}.${ref.namespace}`;
    if (!mayReference(canary, ref.namespace, openNamespaces)) {
      throw new AlertSetupError(`can't access ${said}, cross-namespace references are blocked`);
    }
    const spec = await setup(`${said} error`, async () => specOf(await client.get(alertProviders, ref, { signal })));
    const { secretRef } = spec;
    const secret =
      secretRef === undefined
        ? undefined
        : await setup(`${said} secretRef error`, () =>
            client.get(secrets, { namespace: ref.namespace, name: secretRef.name }, { signal }),
          );
    const values = secret === undefined ? {} : secretValues(secret);
    const url = values['address'] ?? spec.address ?? '';
    if (secret !== undefined && url === '')
      throw new AlertSetupError(`${said} secret does not contain an address: ${whereAddressesAre}`);
    return setup(`${said} error`, async () => notifierOf(spec, { http, url, token: values['token'] }));
  };
}

const whereAddressesAre = 'expected a URL in spec.address, or in the key address of the Secret of spec.secretRef';

const supportedTypes = (): string => [...notifierFactories.keys()].join(' or ');

/** Puts the words in front of every error that a change by somebody must mend. */
async function setup<T>(words: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isKubernetesError(cause) && !isKubernetesError(cause, 'notFound', 'forbidden', 'invalid')) throw cause;
    throw new AlertSetupError(`${words}: ${messageOf(cause)}`, { cause });
  }
}

function specOf(provider: KubernetesObject): AlertProviderSpec {
  const parsed = parseAlertProvider(provider);
  if (parsed.ok) return parsed.spec;
  throw new Error(parsed.problems.map(({ message }) => message).join('; '));
}

function notifierOf(spec: AlertProviderSpec, way: Pick<NotifierRequest, 'http' | 'url' | 'token'>): Notifier {
  const { type, channel, username, proxy } = spec;
  const factory = notifierFactories.get(type);
  if (factory === undefined) throw new Error(`provider ${type} not supported, expected ${supportedTypes()}`);
  if (way.url === '') throw new Error(`spec.address is empty: ${whereAddressesAre}`);
  return factory({ ...way, channel, username, proxy });
}
