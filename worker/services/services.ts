/** The Kubernetes Services of a canary: `-primary`, `-canary` and the apex that users call. */
import type { EndpointsFact, Remarks, RestoredApex } from '../../canary/action.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient } from '../objects/step-objects.ts';
import { endpointsFact, listSlices } from './service-endpoints.ts';
import { leftServices } from './service-leftovers.ts';
import { headlessRemarks, isAdoptedApex, serviceName, servicePlan } from './service-object.ts';
import type { ServiceRole } from './service-object.ts';
import { restoreApex } from './service-restore.ts';
import type { TargetSelector } from '../targets/target.ts';

export type ServicesClient = ObjectsClient & Pick<KubernetesClient, 'list'>;

/** As the rules ask for them. All methods fail with AdapterError or KubernetesError. Nothing is written when nothing differs. */
export interface ServicesOfTarget {
  /** Services `-canary` and `-primary`. */
  ensurePair(step: StepContext): Promise<Remarks>;
  /** The apex Service, serving the primary. Only to be called when the primary is ready. */
  ensureApex(step: StepContext): Promise<Remarks>;
  /** For a Canary that is being deleted: the apex as its user had it; nothing of the Canary's stays on it. */
  restoreApex(step: StepContext): Promise<RestoredApex>;
  /** Who is ready behind `-primary` and apex at this moment. */
  endpoints(step: StepContext): Promise<EndpointsFact>;
}

/** Those that select pods, of the target or of its primary. */
export interface Services {
  ensurePair(step: StepContext, selector: TargetSelector): Promise<Remarks>;
  ensureApex(step: StepContext, selector: TargetSelector): Promise<Remarks>;
  /** Without an original of the user's the apex selects the target; the selector is asked for only then. */
  restoreApex(step: StepContext, selector: () => Promise<TargetSelector>): Promise<RestoredApex>;
  endpoints: ServicesOfTarget['endpoints'];
}

export interface ServicesOptions {
  readonly client: ServicesClient;
}

export function createServices({ client }: ServicesOptions): Services {
  const objects = createStepObjects(client);
  const ensure = async (step: StepContext, role: ServiceRole, selector: TargetSelector): Promise<Remarks> => {
    const { canary } = step;
    const service = await objects.ensure(step, {
      at: { resource: services, name: { namespace: canary.namespace, name: serviceName(canary, role) } },
      plan: (live) => servicePlan({ role, canary, selector, live }),
      repeat: 'always',
    });
    return headlessRemarks(canary, service);
  };
  return {
    ensurePair: async (step, selector) => {
      const remarks = await Promise.all([
        ensure(step, 'canary', selector),
        ensure(step, 'primary', selector),
        leftServices(client, step, (service) => isAdoptedApex(service, selector)),
      ]);
      return { warnings: remarks.flatMap(({ warnings = [] }) => warnings) };
    },
    ensureApex: (step, selector) => ensure(step, 'apex', selector),
    restoreApex: (step, selector) => restoreApex(objects, step, selector),
    endpoints: (step) => observeEndpoints(client, step),
  };
}

async function observeEndpoints(client: Pick<KubernetesClient, 'list'>, step: StepContext): Promise<EndpointsFact> {
  const primary = serviceName(step.canary, 'primary');
  const canary = serviceName(step.canary, 'canary');
  const apex = serviceName(step.canary, 'apex');
  const slices = await listSlices(client, step, [primary, canary, apex]);
  return endpointsFact({ slices, primary, canary, apex });
}
