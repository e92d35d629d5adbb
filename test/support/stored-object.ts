/** What an API server holds, and whether it does. */
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';

/** The object, undefined when there is none. */
export async function find(
  client: Pick<KubernetesClient, 'get'>,
  resource: Resource,
  name: ObjectName,
): Promise<KubernetesObject | undefined> {
  try {
    return await client.get(resource, name);
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return undefined;
    throw error;
  }
}

/** The condition of this type in an object's status, undefined when there is none. */
export const conditionOf = (object: unknown, type: string): unknown =>
  arrayAt(object, 'status', 'conditions').find((condition) => stringAt(condition, 'type') === type);
