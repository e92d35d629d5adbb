/** Whether the API server is there. */
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import { isKubernetesError } from '../platform/kubernetes/error.ts';

/** Milliseconds; a tick waits for it. */
const patienceMs = 2_000;

/** A refusal is an answer, too. Never rejects. */
export async function answers(client: Pick<KubernetesClient, 'getPath'>): Promise<boolean> {
  try {
    await client.getPath('/readyz', { timeoutMs: patienceMs });
    return true;
  } catch (error) {
    return isKubernetesError(error, 'forbidden', 'unauthorized', 'notFound', 'throttled');
  }
}
