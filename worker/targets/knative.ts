/**
 * Knative Services as targets. There is no second workload: the primary is the revision that an annotation of the
 * Service names. Rules: spec of targets, section 5.
 */
import type { PromoteAnswer, RestoredTarget, TargetFact, WorkloadFact } from '../../canary/action.ts';
import type { Revision } from '../../canary/canary.ts';
import { flaggerId } from '../../canary/identity.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import { knativeRevisions } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import {
  knativeServiceAt,
  knownKnativeService,
  latestRevisionOf,
  primaryRevisionAnnotation,
  primaryRevisionOf,
} from '../objects/knative-service.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient, StepObjects } from '../objects/step-objects.ts';
import { revisionReadiness } from './knative-readiness.ts';
import { templateHash } from './revision-of.ts';
import type { Target } from './target.ts';

export function createKnativeTarget({ client }: { readonly client: ObjectsClient }): Target {
  const objects = createStepObjects(client);
  return {
    observe: (step) => observe(objects, step),
    ensurePrimary: async (step, { follow }) => {
      const service = knownKnativeService(step, await objects.get(step, knativeServiceAt(step)));
      const primary = await readPrimary(objects, step, service);
      if (primary === undefined || follow) await namePrimary(objects, step, { service, primary: latestOf(service) });
    },
    // Knative counts the pods of each revision by the requests it gets.
    scale: () => Promise.resolve(),
    promote: (step, wanted) => promote(objects, step, wanted),
    restore: (step) => restore(objects, step),
    selector: () => Promise.resolve(undefined),
  };
}

/** @throws AdapterError `unavailable` while there is no revision at all */
function latestOf(service: KubernetesObject): string {
  const latest = latestRevisionOf(service);
  if (latest !== undefined) return latest;
  const id = nameOf(service.metadata);
  throw new AdapterError(
    'unavailable',
    `Knative Service ${id}: expected status.latestCreatedRevisionName, got none: waiting until Knative has made a revision`,
  );
}

/** A revision never changes, so its name says it all. */
const named = (revision: string): Revision => ({ template: templateHash(revision) });

const readRevision = (
  objects: StepObjects,
  step: StepContext,
  revision: string,
): Promise<KubernetesObject | undefined> =>
  objects.get(step, { resource: knativeRevisions, name: { namespace: step.canary.namespace, name: revision } });

interface Primary {
  readonly name: string;
  readonly revision: KubernetesObject;
}

/** Undefined where none is named, or the one that is named was deleted. */
async function readPrimary(
  objects: StepObjects,
  step: StepContext,
  service: KubernetesObject,
): Promise<Primary | undefined> {
  const name = primaryRevisionOf(service);
  const revision = name === undefined ? undefined : await readRevision(objects, step, name);
  return name === undefined || revision === undefined ? undefined : { name, revision };
}

async function observe(objects: StepObjects, step: StepContext): Promise<TargetFact> {
  const { canary, now } = step;
  const service = knownKnativeService(step, await objects.get(step, knativeServiceAt(step)));
  const latest = latestOf(service);
  const [revision, primary] = await Promise.all([
    readRevision(objects, step, latest),
    readPrimary(objects, step, service),
  ]);
  const workload = (name: string, live: KubernetesObject | undefined): WorkloadFact => ({
    // Somebody answers, be it after a cold start.
    replicas: 1,
    readiness: revisionReadiness(name, live, { deadlineMs: canary.spec.progressDeadlineMs, now }),
  });
  const fact: TargetFact = { revision: named(latest), target: workload(latest, revision) };
  if (primary === undefined) return fact;
  return {
    ...fact,
    primary: {
      ...workload(primary.name, primary.revision),
      equalsTarget: primary.name === latest,
      flaggerId: flaggerId(canary, named(primary.name)),
    },
  };
}

async function promote(
  objects: StepObjects,
  step: StepContext,
  wanted: { readonly revision: Revision },
): Promise<PromoteAnswer> {
  const service = knownKnativeService(step, await objects.getFresh(step, knativeServiceAt(step)));
  const primary = latestOf(service);
  const now = named(primary);
  if (now.template !== wanted.revision.template) return { kind: 'revisionMoved', now };
  await namePrimary(objects, step, { service, primary });
  return { kind: 'copied' };
}

interface Naming {
  readonly service: KubernetesObject;
  readonly primary: string;
}

/** A patch of the one key: everything else on the Service is its user's, or the router's. */
async function namePrimary(objects: StepObjects, step: StepContext, { service, primary }: Naming): Promise<void> {
  if (primaryRevisionOf(service) === primary) return;
  const patch = { metadata: { annotations: { [primaryRevisionAnnotation]: primary } } };
  await objects.patch(step, { at: knativeServiceAt(step), patch });
}

/** Knative sends nobody to a revision that is not ready, so there is nothing to wait for. */
async function restore(objects: StepObjects, step: StepContext): Promise<RestoredTarget> {
  const service = await objects.get(step, knativeServiceAt(step));
  const isGone = service === undefined || service.metadata.deletionTimestamp !== undefined;
  return isGone ? { kind: 'gone' } : { kind: 'ready' };
}
