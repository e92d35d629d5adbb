/** The Services of a canary whose target is a Service itself: copies of it. Rules: spec of targets, section 4. */
import { canaryServiceName, primaryServiceName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import type { EndpointsFact, Remarks } from '../../canary/action.ts';
import { isDecided } from '../../canary/revision.ts';
import { currentWeights } from '../../canary/weights.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { StepObjects } from '../objects/step-objects.ts';
import { listSlices, readyEndpoints } from './service-endpoints.ts';
import { untouchedApex } from './service-restore.ts';
import { leftServices } from './service-leftovers.ts';
import type { ServicesClient, ServicesOfTarget } from './services.ts';
import { differsInHeadless, serviceCopyPlan } from '../targets/service-copy.ts';
import { readServiceTarget, serviceRevision } from '../targets/service.ts';

export interface CopiedServicesOptions {
  readonly client: ServicesClient;
  readonly includeLabelPrefixes: readonly string[];
}

/** `-canary` follows the user's Service, which stays as it is: it is the apex too. The `-primary` is the target's business. */
export function createCopiedServices({ client, includeLabelPrefixes }: CopiedServicesOptions): ServicesOfTarget {
  const objects = createStepObjects(client);
  return {
    ensurePair: async (step) => {
      const remarks = await Promise.all([
        ensureCanary(objects, step, includeLabelPrefixes),
        leftServices(client, step),
      ]);
      return { warnings: remarks.flatMap(({ warnings = [] }) => warnings) };
    },
    ensureApex: () => Promise.resolve({}),
    restoreApex: () => Promise.resolve(untouchedApex),
    endpoints: (step) => observeEndpoints(client, step),
  };
}

async function ensureCanary(
  objects: StepObjects,
  step: StepContext,
  includeLabelPrefixes: readonly string[],
): Promise<Remarks> {
  const { canary } = step;
  const name = canaryServiceName(canary);
  const at = { resource: services, name: { namespace: canary.namespace, name } };
  const [target, live] = await Promise.all([readServiceTarget(objects, step), objects.get(step, at)]);
  if (live !== undefined && isServing(canary, target)) return {};
  const copy = await objects.ensure(step, {
    at,
    plan: (now) => serviceCopyPlan({ canary, target, live: now, name, includeLabelPrefixes, occasion: 'create' }),
    repeat: 'always',
  });
  return differsInHeadless(copy, target) ? { warnings: [headlessWarning(copy)] } : {};
}

/** A copy that carries traffic becomes another revision only after the traffic has left it and the revision is accepted. */
const isServing = (canary: Canary, target: KubernetesObject): boolean =>
  currentWeights(canary, canary.status).canary > 0 && !isDecided(canary.status, serviceRevision(target));

const headlessWarning = ({ metadata }: KubernetesObject): string =>
  `Service ${metadata.namespace}/${metadata.name} can't follow its target in being headless or not: ` +
  'delete it, and it is made anew';

/**
 * The primary must answer wherever the user's Service does. Where that has nobody ready behind it (an ExternalName, a
 * Service without a selector) there is nothing to wait for.
 */
async function observeEndpoints(client: ServicesClient, step: StepContext): Promise<EndpointsFact> {
  const target = step.canary.spec.target.name;
  const primary = primaryServiceName(step.canary);
  const slices = await listSlices(client, step, [primary, target]);
  const isAnswered = readyEndpoints(slices, target).size > 0;
  return {
    primary: isAnswered ? readyEndpoints(slices, primary).size : 1,
    apexServesPrimary: true,
    apexServesTarget: true,
  };
}
