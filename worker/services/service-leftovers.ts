/** Services that a Canary left behind when its `spec.service.name` was changed. Rule: canary-api.md section 3. */
import { canaryServiceName, primaryServiceName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Remarks } from '../../canary/action.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { isControlledBy } from '../objects/owner.ts';

/**
 * Looks for them in the steps that meet a changed spec, until the status of one is saved: a list of the namespace's
 * Services costs too much for every step. Nothing is deleted: clients may still call the old names.
 *
 * @param isFormerApex tells a user's own Service that was the apex
 */
export async function leftServices(
  client: Pick<KubernetesClient, 'list'>,
  { canary, signal }: StepContext,
  isFormerApex: (service: KubernetesObject) => boolean = () => false,
): Promise<Remarks> {
  const { observedGeneration } = canary.status;
  if (observedGeneration === undefined || observedGeneration === canary.generation) return {};
  const { items } = await client.list(services, { namespace: canary.namespace, signal });
  const present = [canary.spec.service.name, primaryServiceName(canary), canaryServiceName(canary)];
  const left = items
    .filter((service) => !present.includes(service.metadata.name))
    .filter((service) => isControlledBy(service, canary) || isFormerApex(service))
    .map(({ metadata }) => metadata.name);
  return left.length === 0 ? {} : { warnings: [leftBehind(canary, left)] };
}

const leftBehind = ({ namespace, spec }: Canary, names: readonly string[]): string =>
  `services ${names.toSorted().join(', ')} of namespace ${namespace} are left behind by a former spec.service.name ` +
  `(now ${spec.service.name}): delete them when nobody calls them any more`;
