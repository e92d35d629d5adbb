/**
 * Workloads with pods as targets: Deployments and DaemonSets. What differs between them is data (workload-kind.ts).
 * Rules: spec of targets, sections 1 to 3 and 6 to 8.
 */
import type { PromoteAnswer, TargetFact } from '../../canary/action.ts';
import { flaggerId } from '../../canary/identity.ts';
import { rolloutWaits } from '../../canary/messages.ts';
import type { Revision } from '../../canary/canary.ts';
import { sameConfigs } from '../../canary/revision.ts';
import { valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { StepContext } from '../context.ts';
import { isControlledBy, refuseOthers } from '../objects/owner.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { Plan } from '../objects/step-objects.ts';
import { containerPorts } from './container-ports.ts';
import { createConfigCopies } from './configs/copies.ts';
import { checksumsOf, copiedOf } from './configs/tracker.ts';
import type { Checksums, TrackedConfig } from './configs/tracker.ts';
import { found, isAutoscaled, primaryAt, readTarget, readinessOf, targetAt } from './pod-adapter.ts';
import type { PodAdapter, PodTargetOptions } from './pod-adapter.ts';
import { restore, scale, wakingReplicas } from './pod-scale.ts';
import { flaggerIdOf, hasTemplate, isCopyOf, primaryWorkload } from './primary-workload.ts';
import type { Original, PrimaryWish } from './primary-workload.ts';
import { hasRepeatedItems } from './repeated-items.ts';
import { templateHash } from './revision-of.ts';
import { selectorLabel } from './selector-label.ts';
import type { Target } from './target.ts';
import type { WorkloadKind } from './workload-kind.ts';

export function createPodTarget(kind: WorkloadKind, options: PodTargetOptions): Target {
  const { client, rules, tracker } = options;
  const objects = createStepObjects(client);
  const copies = createConfigCopies({ client, objects, tracker, includeLabelPrefixes: rules.includeLabelPrefixes });
  const adapter: PodAdapter = { ...options, kind, objects, copies };
  return {
    observe: (step) => observe(adapter, step),
    ensurePrimary: (step, wanted) => ensurePrimary(adapter, step, wanted),
    scale: (step, to) => scale(adapter, step, to),
    promote: (step, wanted) => promote(adapter, step, wanted),
    restore: (step, wanted) => restore(adapter, step, wanted),
    selector: async (step) => {
      const target = await readTarget(adapter, step);
      const { name, value } = selectorLabel(target, rules.selectorLabels);
      return { label: name, value, ports: containerPorts(valueAt(target, 'spec', 'template')) };
    },
  };
}

/** A map without entries says that configs are tracked and there are none. */
const revisionOf = ({ kind }: PodAdapter, target: KubernetesObject, configs: Checksums): Revision => ({
  template: templateHash(kind.hashedTemplate(kind.templateOf(target))),
  ...(configs === undefined ? {} : { configs }),
});

const originalOf = ({ kind, rules }: PodAdapter, target: KubernetesObject, configs: Checksums): Original => ({
  kind,
  target,
  rules,
  configs: copiedOf(configs),
});

async function observe(adapter: PodAdapter, step: StepContext): Promise<TargetFact> {
  const { kind, objects, tracker } = adapter;
  const [target, primary] = await Promise.all([readTarget(adapter, step), objects.get(step, primaryAt(adapter, step))]);
  const configs = await tracker.checksums(step, kind.templateOf(target));
  const { canaryReadyThreshold } = step.canary.spec.analysis;
  const fact: TargetFact = {
    revision: revisionOf(adapter, target, configs),
    target: {
      replicas: kind.wanted(target),
      readiness: readinessOf(adapter, step, { workload: target, readyThreshold: canaryReadyThreshold }),
      available: kind.available(target),
    },
  };
  if (primary === undefined) return fact;
  const equalsTarget = await isEqual(adapter, step, { target, primary, revision: fact.revision });
  return { ...fact, primary: { ...primaryFact(adapter, step, primary), equalsTarget } };
}

interface Pair {
  readonly target: KubernetesObject;
  readonly primary: KubernetesObject;
  readonly revision: Revision;
}

/** A primary that carries the revision's own id was made of its configs; of any other the copies are looked at. */
async function isEqual(adapter: PodAdapter, step: StepContext, { target, primary, revision }: Pair): Promise<boolean> {
  const { tracker } = adapter;
  if (!isCopyOf(primary, originalOf(adapter, target, revision.configs))) return false;
  if (flaggerIdOf(primary) === flaggerId(step.canary, revision)) return true;
  return tracker.hasCopies(step, revision.configs);
}

function primaryFact(
  adapter: PodAdapter,
  step: StepContext,
  primary: KubernetesObject,
): Omit<NonNullable<TargetFact['primary']>, 'equalsTarget'> {
  const { kind } = adapter;
  const id = flaggerIdOf(primary);
  const replicas = kind.wanted(primary);
  const { primaryReadyThreshold: readyThreshold } = step.canary.spec.analysis;
  // All of no replicas are ready, but there is nobody to send traffic to.
  const nobody = rolloutWaits.noPods(step.canary, 1);
  return {
    replicas,
    readiness:
      replicas === 0
        ? { kind: 'waiting', why: nobody }
        : readinessOf(adapter, step, { workload: primary, readyThreshold }),
    available: kind.available(primary),
    ...(id === undefined ? {} : { flaggerId: id }),
  };
}

async function ensurePrimary(
  adapter: PodAdapter,
  step: StepContext,
  wanted: { readonly follow: boolean; readonly flaggerId: string },
): Promise<void> {
  const { kind, objects, tracker } = adapter;
  const [target, primary] = await Promise.all([readTarget(adapter, step), objects.get(step, primaryAt(adapter, step))]);
  if (primary !== undefined && !wanted.follow) return;
  const tracked = await tracker.read(step, kind.templateOf(target));
  await copy(adapter, step, { target, tracked, flaggerId: wanted.flaggerId, occasion: 'create' });
}

async function promote(
  adapter: PodAdapter,
  step: StepContext,
  wanted: { readonly revision: Revision; readonly flaggerId: string },
): Promise<PromoteAnswer> {
  const { kind, objects, tracker } = adapter;
  // Hooks and metrics ran since the target was observed: what is compared has to be what is copied.
  const target = found(adapter, step, await objects.getFresh(step, targetAt(adapter, step)));
  const tracked = await tracker.read(step, kind.templateOf(target));
  const isTracking = wanted.revision.configs !== undefined || tracked.length > 0;
  const now = revisionOf(adapter, target, isTracking ? checksumsOf(tracked) : undefined);
  const isWanted = now.template === wanted.revision.template && sameConfigs(wanted.revision.configs, now.configs);
  if (!isWanted) return { kind: 'revisionMoved', now };
  await copy(adapter, step, { target, tracked, flaggerId: wanted.flaggerId, occasion: 'promote' });
  return { kind: 'copied' };
}

interface Copy {
  readonly target: KubernetesObject;
  readonly tracked: readonly TrackedConfig[];
  readonly flaggerId: string;
  readonly occasion: PrimaryWish['occasion'];
}

/** First what the primary's pods read, then the primary. */
async function copy(adapter: PodAdapter, step: StepContext, what: Copy): Promise<void> {
  const { kind, objects, copies } = adapter;
  const where = primaryAt(adapter, step);
  const isNew = (await objects.get(step, where)) === undefined;
  const firstReplicas = isNew && kind.isReplicated ? await wakingReplicas(adapter, step, what.target) : 1;
  await copies.ensure(step, what.tracked);
  const plan = (live: KubernetesObject | undefined): Plan =>
    primaryPlan(adapter, step, { ...what, live, firstReplicas });
  await objects.ensure(step, { at: where, plan, repeat: 'sameSpec' });
  // A primary is born with replicas; from then on they are its autoscaler's.
  if (isNew && isAutoscaled(step)) await objects.ensure(step, { at: where, plan, repeat: 'sameSpec' });
}

interface PlannedCopy extends Copy {
  readonly live: KubernetesObject | undefined;
  readonly firstReplicas: number;
}

function primaryPlan(adapter: PodAdapter, step: StepContext, what: PlannedCopy): Plan {
  const { canary } = step;
  const { kind } = adapter;
  const { target, tracked, occasion, live, firstReplicas } = what;
  const original = originalOf(adapter, target, checksumsOf(tracked));
  const wish = { ...original, canary, flaggerId: what.flaggerId, occasion };
  if (live === undefined) {
    const replicas = kind.isReplicated ? { replicas: firstReplicas } : {};
    const desired = primaryWorkload({ ...wish, isOwned: true, ...replicas });
    return { desired, isUnappliable: isUnappliable(desired) };
  }
  refuseOthers(live, canary);
  const counted = kind.isReplicated && !isAutoscaled(step);
  const replicas = counted ? { replicas: kind.wanted(target) || kind.wanted(live) || 1 } : {};
  const desired = primaryWorkload({ ...wish, isOwned: isControlledBy(live, canary), ...replicas });
  const isExact = hasTemplate(live, valueAt(desired, 'spec', 'template'));
  return {
    desired,
    isUnappliable: isUnappliable(desired),
    // The primary runs the analysed template and nothing else, whoever added to it.
    claims: isExact ? [] : [['f:spec', 'f:template'], ...kind.claims],
    releases: isAutoscaled(step) ? [['f:spec', 'f:replicas']] : [],
  };
}

const isUnappliable = (primary: KubernetesObject): boolean =>
  hasRepeatedItems(valueAt(primary, 'spec', 'template', 'spec'));
