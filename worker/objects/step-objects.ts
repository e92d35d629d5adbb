/**
 * Kubernetes objects as one step sees and changes them: read once, written under the version that was read, and only
 * when a write changes something.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { StepContext } from '../context.ts';
import { isApplied } from './is-applied.ts';
import { transferFields } from './managed-fields.ts';
import type { Transfer } from './managed-fields.ts';
import { isEmptyPatch } from './merge-patch.ts';
import { overwritePatch } from './overwrite.ts';
import { specOperations } from './spec-patch.ts';
import { createStepReads } from './step-reads.ts';
import type { ObjectAt, StepReads } from './step-reads.ts';

/** The fields that we want to own on an object, and what has to change hands for that. */
export interface Plan extends Transfer {
  readonly desired: KubernetesObject;
  /** Server-side apply does not take the object: it is created, or its fields are overwritten. */
  readonly isUnappliable?: boolean;
}

/**
 * After a conflict: `always` reads and plans again, for objects that follow from specs alone. `sameSpec` does so only
 * while the spec still is the one that was read (status or metadata moved); a changed one means that somebody else acts
 * on the object, and the step ends.
 */
export type Repeat = 'always' | 'sameSpec';

export interface Change {
  readonly at: ObjectAt;
  /** Pure; asked again after a conflict. */
  readonly plan: (live: KubernetesObject | undefined) => Plan;
  readonly repeat: Repeat;
}

export interface FieldPatch {
  readonly at: ObjectAt;
  /** JSON merge patch. */
  readonly patch: Record<string, unknown>;
}

/** All methods fail with KubernetesError, or with what the plan or the fence throws. */
export interface StepObjects extends Pick<StepReads, 'get' | 'getFresh'> {
  /** Server-side apply of the plan's fields, unless they are so already. Returns the object as it is afterwards. */
  ensure(step: StepContext, change: Change): Promise<KubernetesObject>;
  /**
   * Patch of the object that the step has read, repeated like `sameSpec`; one of its spec alone is guarded by the version of
   * the spec, so that controllers that report into the status at the same time refuse nothing.
   */
  patch(step: StepContext, change: FieldPatch): Promise<KubernetesObject>;
}

/** Tries of one write, the first included. A controller that reports on new pods counts the version up many times a second. */
const maxTries = 8;

export type ObjectsClient = Pick<KubernetesClient, 'get' | 'create' | 'apply' | 'mergePatch' | 'jsonPatch'>;

export function createStepObjects(client: ObjectsClient): StepObjects {
  const reads = createStepReads(client);
  return {
    get: (step, at) => reads.get(step, at),
    getFresh: (step, at) => reads.getFresh(step, at),
    ensure: (step, { at, plan, repeat }) =>
      writeUnderVersion({ reads, step, at, repeat }, (live) => carryOut(client, step, { at, live, plan: plan(live) })),
    patch: (step, { at, patch }) =>
      writeUnderVersion({ reads, step, at, repeat: 'sameSpec' }, async (live) => {
        await step.fence();
        const { signal } = step;
        const operations = live === undefined ? undefined : specOperations(live, patch);
        if (operations !== undefined) return client.jsonPatch(at.resource, at.name, { operations, signal });
        const resourceVersion = live?.metadata.resourceVersion;
        return client.mergePatch(at.resource, at.name, { patch, resourceVersion, signal });
      }),
  };
}

interface Writing {
  readonly reads: StepReads;
  readonly step: StepContext;
  readonly at: ObjectAt;
  readonly repeat: Repeat;
}

type Write = (live: KubernetesObject | undefined) => Promise<KubernetesObject>;

async function writeUnderVersion({ reads, step, at, repeat }: Writing, write: Write): Promise<KubernetesObject> {
  let live = await reads.get(step, at);
  for (let tries = 1; ; tries += 1) {
    try {
      const written = await write(live);
      reads.remember(step, at, written);
      return written;
    } catch (error) {
      if (!isKubernetesError(error, 'conflict', 'alreadyExists') || tries === maxTries) throw error;
      const now = await reads.getFresh(step, at);
      if (repeat === 'sameSpec' && !hasSameSpec(live, now)) throw error;
      live = now;
    }
  }
}

/** The API server counts `generation` up with every change of the spec; kinds that have none are compared. */
function hasSameSpec(before: KubernetesObject | undefined, now: KubernetesObject | undefined): boolean {
  if (before === undefined || now === undefined || before.metadata.uid !== now.metadata.uid) return false;
  const { generation } = before.metadata;
  return generation === undefined
    ? isDeepStrictEqual(before['spec'], now['spec'])
    : generation === now.metadata.generation;
}

interface Planned {
  readonly at: ObjectAt;
  readonly live: KubernetesObject | undefined;
  readonly plan: Plan;
}

async function carryOut(client: ObjectsClient, step: StepContext, planned: Planned): Promise<KubernetesObject> {
  const { at, live, plan } = planned;
  const { signal } = step;
  if (plan.isUnappliable === true) return overwrite(client, step, planned);
  if (live === undefined) {
    await step.fence();
    // Without force: an object that appeared meanwhile and says otherwise is a conflict, not ours to overwrite.
    return client.apply(at.resource, plan.desired, { signal });
  }
  const current = await transfer(client, step, { at, live, plan });
  if (isApplied(current, plan.desired)) return current;
  await step.fence();
  const { resourceVersion } = current.metadata;
  return client.apply(at.resource, plan.desired, { force: true, resourceVersion, signal });
}

async function overwrite(client: ObjectsClient, step: StepContext, planned: Planned): Promise<KubernetesObject> {
  const { at, live, plan } = planned;
  const { signal } = step;
  if (live === undefined) {
    await step.fence();
    return client.create(at.resource, plan.desired, { signal });
  }
  const patch = overwritePatch(live, plan.desired);
  if (isEmptyPatch(patch)) return live;
  await step.fence();
  const { resourceVersion } = live.metadata;
  return client.mergePatch(at.resource, at.name, { patch, resourceVersion, signal });
}

async function transfer(
  client: ObjectsClient,
  step: StepContext,
  { at, live, plan }: Planned & { readonly live: KubernetesObject },
): Promise<KubernetesObject> {
  const managedFields = transferFields(live, plan);
  if (managedFields === undefined) return live;
  await step.fence();
  const { resourceVersion } = live.metadata;
  return client.mergePatch(at.resource, at.name, {
    patch: { metadata: { managedFields } },
    resourceVersion,
    signal: step.signal,
  });
}
