/** How many objects of a kind there are, without reading them. */
import { numberAt, parseJson, valueAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { apiVersionOf } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';

/** In all namespaces: the API server hands out one, and says how many are left. */
export async function countObjects(client: Pick<KubernetesClient, 'getPath'>, kind: Resource): Promise<number> {
  const base = kind.group === '' ? '/api' : '/apis';
  const list = parseJson(await client.getPath(`${base}/${apiVersionOf(kind)}/${kind.plural}?limit=1`));
  const items = valueAt(list, 'items');
  if (!Array.isArray(items)) throw new Error(`count of ${kind.plural}: expected a list, got none`);
  return items.length + (numberAt(list, 'metadata', 'remainingItemCount') ?? 0);
}
