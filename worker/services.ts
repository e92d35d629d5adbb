/** The Kubernetes Services of a canary: `-primary`, `-canary` and the apex that users call. */
import type { EndpointsFact, Remarks, RestoredApex } from '../canary/action.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { endpointSlices, services } from '../platform/resources.ts';
import type { StepContext } from './context.ts';
import { createStepObjects } from './objects/step-objects.ts';
import type { ObjectsClient } from './objects/step-objects.ts';
import { endpointsFact, serviceNameLabel } from './service-endpoints.ts';
import { serviceName, servicePlan } from './service-object.ts';
import type { ServiceRole } from './service-object.ts';
import { restoreApex } from './service-restore.ts';
import type { TargetSelector } from './targets/target.ts';

/** All methods fail with AdapterError or KubernetesError. Nothing is written when nothing differs. */
export interface Services {
  /** Services `-canary` and `-primary`. */
  ensurePair(step: StepContext, selector: TargetSelector): Promise<Remarks>;
  /** The apex Service, selecting the primary. Only to be called when the primary is ready. */
  ensureApex(step: StepContext, selector: TargetSelector): Promise<Remarks>;
  /**
   * For a Canary that is being deleted: the apex as its user had it, else selecting the target; nothing of the Canary's
   * stays on it. The selector is asked for where no original is known.
   */
  restoreApex(step: StepContext, selector: () => Promise<TargetSelector>): Promise<RestoredApex>;
  /** Who is ready behind `-primary` and apex at this moment. */
  endpoints(step: StepContext): Promise<EndpointsFact>;
}

export interface ServicesOptions {
  readonly client: ObjectsClient & Pick<KubernetesClient, 'list'>;
}

export function createServices({ client }: ServicesOptions): Services {
  const objects = createStepObjects(client);
  const ensure = async (step: StepContext, role: ServiceRole, selector: TargetSelector): Promise<Remarks> => {
    const { canary } = step;
    await objects.ensure(step, {
      at: { resource: services, name: { namespace: canary.namespace, name: serviceName(canary, role) } },
      plan: (live) => servicePlan({ role, canary, selector, live }),
      repeat: 'always',
    });
    return {};
  };
  return {
    ensurePair: async (step, selector) => {
      const remarks = await Promise.all([ensure(step, 'canary', selector), ensure(step, 'primary', selector)]);
      return { warnings: remarks.flatMap(({ warnings = [] }) => warnings) };
    },
    ensureApex: (step, selector) => ensure(step, 'apex', selector),
    restoreApex: (step, selector) => restoreApex(objects, step, selector),
    endpoints: (step) => observeEndpoints(client, step),
  };
}

async function observeEndpoints(
  client: Pick<KubernetesClient, 'list'>,
  { canary, signal }: StepContext,
): Promise<EndpointsFact> {
  const primary = serviceName(canary, 'primary');
  const ofCanary = serviceName(canary, 'canary');
  const apex = serviceName(canary, 'apex');
  const labelSelector = `${serviceNameLabel} in (${primary},${ofCanary},${apex})`;
  const { items } = await client.list(endpointSlices, { namespace: canary.namespace, labelSelector, signal });
  return endpointsFact({ slices: items, primary, canary: ofCanary, apex });
}
