/** Services as targets: who is behind `-primary` follows who is behind the user's Service. Rules: spec of targets, section 4. */
import type { PromoteAnswer, RestoredTarget, TargetFact, WorkloadFact } from '../../canary/action.ts';
import { primaryServiceName } from '../../canary/canary.ts';
import type { Revision } from '../../canary/canary.ts';
import { valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient, StepObjects } from '../objects/step-objects.ts';
import type { ObjectAt } from '../objects/step-reads.ts';
import type { CopyRules } from './primary-workload.ts';
import { templateHash } from './revision-of.ts';
import { flaggerIdAnnotation, isServiceCopy, serviceCopyPlan } from './service-copy.ts';
import type { ServiceCopy } from './service-copy.ts';
import type { Target } from './target.ts';

export interface ServiceTargetOptions {
  readonly client: ObjectsClient;
  readonly rules: Pick<CopyRules, 'includeLabelPrefixes'>;
}

export function createServiceTarget({ client, rules }: ServiceTargetOptions): Target {
  const adapter: Adapter = { ...rules, objects: createStepObjects(client) };
  return {
    observe: (step) => observe(adapter, step),
    ensurePrimary: async (step, { follow, flaggerId }) => {
      const [target, primary] = await Promise.all([
        readServiceTarget(adapter.objects, step),
        adapter.objects.get(step, primaryAt(step)),
      ]);
      if (primary !== undefined && !follow) return;
      await copy(adapter, step, { target, flaggerId, occasion: 'create' });
    },
    // There are no pods of its own to be scaled or selected.
    scale: () => Promise.resolve(),
    promote: (step, wanted) => promote(adapter, step, wanted),
    restore: (step) => restore(adapter, step),
    selector: () => Promise.resolve(undefined),
  };
}

interface Adapter {
  readonly objects: StepObjects;
  readonly includeLabelPrefixes: readonly string[];
}

const at = ({ canary }: StepContext, name: string): ObjectAt => ({
  resource: services,
  name: { namespace: canary.namespace, name },
});
const targetAt = (step: StepContext): ObjectAt => at(step, step.canary.spec.target.name);
const primaryAt = (step: StepContext): ObjectAt => at(step, primaryServiceName(step.canary));

/** @throws AdapterError `notFound` when the user's Service does not exist */
export const readServiceTarget = async (
  objects: Pick<StepObjects, 'get'>,
  step: StepContext,
): Promise<KubernetesObject> => found(step, await objects.get(step, targetAt(step)));

function found({ canary }: StepContext, target: KubernetesObject | undefined): KubernetesObject {
  if (target !== undefined) return target;
  const { name } = canary.spec.target;
  throw new AdapterError('notFound', `service ${name}.${canary.namespace} get query error: there is no such object`);
}

/** The revision of a Service is its spec, as the API server returns it. */
export const serviceRevision = (target: KubernetesObject): Revision => ({
  template: templateHash(valueAt(target, 'spec')),
});

/** A Service is as ready as it ever gets; whether somebody answers behind it is asked of its endpoints. */
const ready: WorkloadFact = { replicas: 1, readiness: { kind: 'ready' } };

async function observe({ objects }: Adapter, step: StepContext): Promise<TargetFact> {
  const [target, primary] = await Promise.all([readServiceTarget(objects, step), objects.get(step, primaryAt(step))]);
  const fact: TargetFact = { revision: serviceRevision(target), target: ready };
  if (primary === undefined) return fact;
  const flaggerId = primary.metadata.annotations?.[flaggerIdAnnotation];
  return {
    ...fact,
    primary: {
      ...ready,
      equalsTarget: isServiceCopy(primary, target),
      ...(flaggerId === undefined ? {} : { flaggerId }),
    },
  };
}

async function promote(
  adapter: Adapter,
  step: StepContext,
  wanted: { readonly revision: Revision; readonly flaggerId: string },
): Promise<PromoteAnswer> {
  // Hooks and metrics ran since the target was observed: what is compared has to be what is copied.
  const target = found(step, await adapter.objects.getFresh(step, targetAt(step)));
  const now = serviceRevision(target);
  if (now.template !== wanted.revision.template) return { kind: 'revisionMoved', now };
  await copy(adapter, step, { target, flaggerId: wanted.flaggerId, occasion: 'promote' });
  return { kind: 'copied' };
}

type Copied = Pick<ServiceCopy, 'target' | 'flaggerId' | 'occasion'>;

async function copy({ objects, includeLabelPrefixes }: Adapter, step: StepContext, what: Copied): Promise<void> {
  const { canary } = step;
  const name = primaryServiceName(canary);
  await objects.ensure(step, {
    at: primaryAt(step),
    plan: (live) => serviceCopyPlan({ ...what, canary, live, name, includeLabelPrefixes }),
    repeat: 'sameSpec',
  });
}

/** The user's Service was never changed. */
async function restore({ objects }: Adapter, step: StepContext): Promise<RestoredTarget> {
  const target = await objects.get(step, targetAt(step));
  const isGone = target === undefined || target.metadata.deletionTimestamp !== undefined;
  return isGone ? { kind: 'gone' } : ready.readiness;
}
