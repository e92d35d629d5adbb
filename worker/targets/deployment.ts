/** Deployments as targets. Rules: spec of targets, sections 1, 2, 6 and 7. */
import type { PromoteAnswer, Readiness, RestoredTarget, TargetFact } from '../../canary/action.ts';
import { primaryName } from '../../canary/canary.ts';
import type { Revision } from '../../canary/canary.ts';
import { valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import { deployments } from '../../platform/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { isControlledBy, refuseOthers } from '../objects/owner.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient, Plan, StepObjects } from '../objects/step-objects.ts';
import type { ObjectAt } from '../objects/step-reads.ts';
import { containerPorts } from './container-ports.ts';
import { flaggerIdOf, hasTemplate, isCopyOf, primaryDeployment } from './deployment-primary.ts';
import type { CopyRules, PrimaryWish } from './deployment-primary.ts';
import { availableOf, deploymentReadiness, replicasOf } from './deployment-readiness.ts';
import { templateHash } from './revision-of.ts';
import { selectorLabel } from './selector-label.ts';
import type { Target } from './target.ts';

export interface DeploymentTargetOptions {
  readonly client: ObjectsClient;
  readonly rules: CopyRules;
  /** Replicas of a workload that the Canary's autoscaler would start with, at least 1. Asked only where there is one. */
  readonly leastReplicas: (step: StepContext) => Promise<number>;
}

export function createDeploymentTarget(options: DeploymentTargetOptions): Target {
  const adapter: Adapter = { ...options, objects: createStepObjects(options.client) };
  return {
    observe: (step) => observe(adapter, step),
    ensurePrimary: (step, wanted) => ensurePrimary(adapter, step, wanted),
    scale: (step, to) => scale(adapter, step, to),
    promote: (step, wanted) => promote(adapter, step, wanted),
    restore: (step, wanted) => restore(adapter, step, wanted),
    selector: async (step) => {
      const target = await readTarget(adapter, step);
      const { name, value } = selectorLabel(target, adapter.rules.selectorLabels);
      return { label: name, value, ports: containerPorts(valueAt(target, 'spec', 'template')) };
    },
  };
}

interface Adapter extends DeploymentTargetOptions {
  readonly objects: StepObjects;
}

const at = ({ canary }: StepContext, name: string): ObjectAt => ({
  resource: deployments,
  name: { namespace: canary.namespace, name },
});
const targetAt = (step: StepContext): ObjectAt => at(step, step.canary.spec.target.name);
const primaryAt = (step: StepContext): ObjectAt => at(step, primaryName(step.canary));

const readTarget = async ({ objects }: Adapter, step: StepContext): Promise<KubernetesObject> =>
  found(step, await objects.get(step, targetAt(step)));

function found({ canary }: StepContext, target: KubernetesObject | undefined): KubernetesObject {
  if (target !== undefined) return target;
  const { name } = canary.spec.target;
  throw new AdapterError('notFound', `deployment ${name}.${canary.namespace} get query error: there is no such object`);
}

const revisionOf = (target: KubernetesObject): Revision => ({
  template: templateHash(valueAt(target, 'spec', 'template')),
});

async function observe(adapter: Adapter, step: StepContext): Promise<TargetFact> {
  const [target, primary] = await Promise.all([readTarget(adapter, step), adapter.objects.get(step, primaryAt(step))]);
  const { canaryReadyThreshold } = step.canary.spec.analysis;
  const fact: TargetFact = {
    revision: revisionOf(target),
    target: {
      replicas: replicasOf(target),
      readiness: readinessOf(step, target, canaryReadyThreshold),
      available: availableOf(target),
    },
  };
  return primary === undefined ? fact : { ...fact, primary: primaryFact(adapter, step, { target, primary }) };
}

function primaryFact(
  { rules }: Adapter,
  step: StepContext,
  { target, primary }: { readonly target: KubernetesObject; readonly primary: KubernetesObject },
): NonNullable<TargetFact['primary']> {
  const flaggerId = flaggerIdOf(primary);
  const replicas = replicasOf(primary);
  const { primaryReadyThreshold } = step.canary.spec.analysis;
  // All of no replicas are ready, but there is nobody to send traffic to.
  const nobody = 'waiting for rollout to finish: 0 out of 1 new replicas have been updated';
  return {
    replicas,
    readiness: replicas === 0 ? { kind: 'waiting', why: nobody } : readinessOf(step, primary, primaryReadyThreshold),
    available: availableOf(primary),
    equalsTarget: isCopyOf(primary, target, rules),
    ...(flaggerId === undefined ? {} : { flaggerId }),
  };
}

const readinessOf = ({ canary, now }: StepContext, workload: KubernetesObject, readyThreshold: number): Readiness =>
  deploymentReadiness(workload, { readyThreshold, deadlineMs: canary.spec.progressDeadlineMs, now });

async function ensurePrimary(
  adapter: Adapter,
  step: StepContext,
  wanted: { readonly follow: boolean; readonly flaggerId: string },
): Promise<void> {
  const { objects } = adapter;
  const [target, primary] = await Promise.all([readTarget(adapter, step), objects.get(step, primaryAt(step))]);
  if (primary !== undefined && !wanted.follow) return;
  await copy(adapter, step, { target, flaggerId: wanted.flaggerId, occasion: 'create' });
}

async function promote(
  adapter: Adapter,
  step: StepContext,
  wanted: { readonly revision: Revision; readonly flaggerId: string },
): Promise<PromoteAnswer> {
  // Hooks and metrics ran since the target was observed: what is compared has to be what is copied.
  const target = found(step, await adapter.objects.getFresh(step, targetAt(step)));
  const now = revisionOf(target);
  if (now.template !== wanted.revision.template) return { kind: 'revisionMoved', now };
  await copy(adapter, step, { target, flaggerId: wanted.flaggerId, occasion: 'promote' });
  return { kind: 'copied' };
}

interface Copy {
  readonly target: KubernetesObject;
  readonly flaggerId: string;
  readonly occasion: PrimaryWish['occasion'];
}

async function copy(adapter: Adapter, step: StepContext, what: Copy): Promise<void> {
  const { objects } = adapter;
  const where = primaryAt(step);
  const isNew = (await objects.get(step, where)) === undefined;
  const firstReplicas = isNew ? await wakingReplicas(adapter, step, what.target) : 1;
  const plan = (live: KubernetesObject | undefined): Plan =>
    primaryPlan(adapter, step, { ...what, live, firstReplicas });
  await objects.ensure(step, { at: where, plan, repeat: 'sameSpec' });
  // A primary is born with replicas; from then on they are its autoscaler's.
  if (isNew && isAutoscaled(step)) await objects.ensure(step, { at: where, plan, repeat: 'sameSpec' });
}

const isAutoscaled = ({ canary }: StepContext): boolean => canary.spec.scaler !== undefined;

interface PlannedCopy extends Copy {
  readonly live: KubernetesObject | undefined;
  readonly firstReplicas: number;
}

function primaryPlan({ rules }: Adapter, step: StepContext, what: PlannedCopy): Plan {
  const { canary } = step;
  const { target, flaggerId, occasion, live, firstReplicas } = what;
  const wish = { canary, target, rules, flaggerId, occasion };
  if (live === undefined) {
    return { desired: primaryDeployment({ ...wish, isOwned: true, replicas: firstReplicas }) };
  }
  refuseOthers(live, canary);
  const replicas = isAutoscaled(step) ? {} : { replicas: replicasOf(target) || replicasOf(live) || 1 };
  const desired = primaryDeployment({ ...wish, isOwned: isControlledBy(live, canary), ...replicas });
  const isExact = hasTemplate(live, valueAt(desired, 'spec', 'template'));
  return {
    desired,
    // The primary runs the analysed template and nothing else, whoever added to it.
    claims: isExact
      ? []
      : [
          ['f:spec', 'f:template'],
          ['f:spec', 'f:strategy'],
        ],
    releases: isAutoscaled(step) ? [['f:spec', 'f:replicas']] : [],
  };
}

async function scale(adapter: Adapter, step: StepContext, to: 'running' | 'zero'): Promise<void> {
  const target = await readTarget(adapter, step);
  const isRunning = replicasOf(target) > 0;
  if (isRunning === (to === 'running')) return;
  const replicas = to === 'zero' ? 0 : await wakingReplicas(adapter, step, target);
  await adapter.objects.patch(step, { at: targetAt(step), patch: { spec: { replicas } } });
}

/** Replicas for a workload that has none: the target's if it runs, else what its scaler or its primary says, at least 1. */
async function wakingReplicas(adapter: Adapter, step: StepContext, target: KubernetesObject): Promise<number> {
  const running = replicasOf(target);
  if (running > 0) return running;
  if (isAutoscaled(step)) return Math.max(1, await adapter.leastReplicas(step));
  const primary = await adapter.objects.get(step, primaryAt(step));
  return primary === undefined ? 1 : Math.max(1, replicasOf(primary));
}

/** A target that is on its way out has no pods to offer, however long one waits. */
async function restore(adapter: Adapter, step: StepContext, { raise }: { raise: boolean }): Promise<RestoredTarget> {
  const { objects } = adapter;
  const target = await objects.get(step, targetAt(step));
  if (target === undefined || target.metadata.deletionTimestamp !== undefined) return { kind: 'gone' };
  const primary = raise ? await objects.get(step, primaryAt(step)) : undefined;
  const least = await wakingReplicas(adapter, step, target).catch(oneWithoutScaler);
  const replicas = Math.max(least, primary === undefined ? 0 : replicasOf(primary));
  const isEnough = replicas === replicasOf(target);
  const up = isEnough ? target : await objects.patch(step, { at: targetAt(step), patch: { spec: { replicas } } });
  return readinessOf(step, up, step.canary.spec.analysis.canaryReadyThreshold);
}

/** A scaler that is gone asks for nothing more. */
function oneWithoutScaler(error: unknown): number {
  if (error instanceof AdapterError && error.reason === 'notFound') return 1;
  throw error;
}
