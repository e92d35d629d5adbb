/** The Canary that an alert is about, as it is now. */
import type { Canary } from '../../canary/canary.ts';
import { parseCanary } from '../../canary/parse.ts';
import type { Provider } from '../../canary/spec.ts';
import type { GetOptions, KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import type { CanaryKey } from '../../queue/step-job.ts';

export interface AlertedCanariesOptions {
  readonly client: Pick<KubernetesClient, 'get'>;
  /** Router of Canaries that name none. */
  readonly defaultProvider: Provider;
}

/** The Canary is there, and who is to be told of it cannot be read from its spec: somebody has to mend that. */
export class UnreadableCanary extends Error {
  override readonly name = 'UnreadableCanary';
}

/** Undefined when it is gone or another one has its name. @throws UnreadableCanary */
export type ReadAlertedCanary = (key: CanaryKey, signal: AbortSignal) => Promise<Canary | undefined>;

export function createAlertedCanaries(options: AlertedCanariesOptions): ReadAlertedCanary {
  // Nobody asks again for an alert that nobody seems to want: a watch that is behind must not have the last word on that.
  return async (key, signal) =>
    (await read(options, key, { signal })) ?? (await read(options, key, { signal, fresh: true }));
}

async function read(
  { client, defaultProvider }: AlertedCanariesOptions,
  key: CanaryKey,
  how: GetOptions,
): Promise<Canary | undefined> {
  try {
    const parsed = parseCanary(await client.get(canaries, key, how), { defaultProvider });
    if ((parsed.ok ? parsed.canary : parsed.identity).uid !== key.uid) return undefined;
    if (parsed.ok) return parsed.canary;
    throw new UnreadableCanary(parsed.problems.map(({ message }) => message).join('; '));
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return undefined;
    throw error;
  }
}
