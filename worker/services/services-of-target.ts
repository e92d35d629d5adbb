/** Which Services a canary has, by the kind of its target. */
import type { Canary } from '../../canary/canary.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { createCopiedServices } from './services-copied.ts';
import { untouchedApex } from './service-restore.ts';
import { createServices } from './services.ts';
import type { ServicesClient, ServicesOfTarget } from './services.ts';
import { targetKind } from '../targets/registry.ts';
import type { TargetKind } from '../targets/registry.ts';
import type { TargetSelector } from '../targets/target.ts';

export interface ServicesOfTargetOptions {
  readonly client: ServicesClient;
  readonly selectorOf: (step: StepContext) => Promise<TargetSelector | undefined>;
  readonly includeLabelPrefixes: readonly string[];
}

/** The Services of each Canary. */
export function createServicesOfTargets(options: ServicesOfTargetOptions): (canary: Canary) => ServicesOfTarget {
  const ofPods = createServicesOfPods(options);
  const rows: Record<TargetKind, ServicesOfTarget> = {
    Deployment: ofPods,
    DaemonSet: ofPods,
    Service: createCopiedServices(options),
    Knative: none,
  };
  // A kind that nobody serves is refused by its target, which is asked for the selector.
  return ({ spec }) => rows[targetKind(spec.target) ?? 'Deployment'];
}

function createServicesOfPods({ client, selectorOf }: ServicesOfTargetOptions): ServicesOfTarget {
  const services = createServices({ client });
  return {
    ensurePair: async (step) => services.ensurePair(step, selected(step, await selectorOf(step))),
    ensureApex: async (step) => services.ensureApex(step, selected(step, await selectorOf(step))),
    restoreApex: (step) => services.restoreApex(step, async () => selected(step, await selectorOf(step))),
    endpoints: (step) => services.endpoints(step),
  };
}

function selected({ canary }: StepContext, selector: TargetSelector | undefined): TargetSelector {
  if (selector !== undefined) return selector;
  const { kind, name } = canary.spec.target;
  throw new AdapterError('invalid', `${kind} ${canary.namespace}/${name}: expected a target that selects pods`);
}

/** Knative routes by itself, and an idle revision answers although it has no pods. */
const none: ServicesOfTarget = {
  ensurePair: () => Promise.resolve({}),
  ensureApex: () => Promise.resolve({}),
  restoreApex: () => Promise.resolve(untouchedApex),
  endpoints: () => Promise.resolve({ primary: 1, apexServesPrimary: true, apexServesTarget: true }),
};
