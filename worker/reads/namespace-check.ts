/** Whether the namespace of a Canary is on its way out: then nothing in it is worth restoring. */
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { namespaces } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';

/** A worker that may not read namespaces takes them to stay: what is in one that goes is deleted object by object. */
export function createNamespaceCheck(client: Pick<KubernetesClient, 'get'>): (step: StepContext) => Promise<boolean> {
  return async ({ canary, signal }) => {
    try {
      const found = await client.get(namespaces, { name: canary.namespace }, { metadataOnly: true, signal });
      return found.metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (!isKubernetesError(error, 'forbidden', 'notFound')) throw error;
      return isKubernetesError(error, 'notFound');
    }
  };
}
