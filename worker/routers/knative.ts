/** Knative: `spec.traffic` of the target itself is the route. Rules: routers/knative.md. */
import type { Remarks, RestoredRoutes } from '../../canary/action.ts';
import type { Weights } from '../../canary/canary.ts';
import { currentWeights } from '../../canary/weights.ts';
import { arrayAt, parseJson, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import { AdapterError, type StepContext } from '../context.ts';
import {
  hasTraffic,
  isSplitBetween,
  knativeServiceAt,
  knativeTraffic,
  knownKnativeService,
  primaryRevisionAnnotation,
  primaryRevisionOf,
  whyBehind,
} from '../objects/knative-service.ts';
import type { StepObjects } from '../objects/step-objects.ts';
import type { RouteCluster } from './route-object.ts';
import type { Router } from './router.ts';

/** Annotation with `spec.traffic` (JSON) as it was before we changed it; what the deletion of the Canary restores. */
export const originalTrafficAnnotation = 'aviary.dev/original-traffic';

export function createKnativeRouter({ objects }: Pick<RouteCluster, 'objects'>): Router {
  return {
    ensure: (step, weights) => ensure(objects, step, weights),
    restore: (step) => restore(objects, step),
  };
}

/** The two marks that keep Flux away are left out: this is the very object that its users release with. */
async function ensure(objects: StepObjects, step: StepContext, weights: Weights): Promise<Remarks> {
  const at = knativeServiceAt(step);
  const live = knownKnativeService(step, await objects.get(step, at));
  const primary = primaryRevisionOf(live);
  if (primary === undefined) {
    const id = nameOf(live.metadata);
    throw new AdapterError(
      'unavailable',
      `Knative Service ${id}: expected annotation ${primaryRevisionAnnotation}, got none: waiting until it names the primary`,
    );
  }
  const traffic = knativeTraffic(primary, weights);
  if (weights.canary > 0) refuseWhileBehind(step, { live, primary, weights });
  if (hasTraffic(live, traffic)) return {};
  await objects.patch(step, { at, patch: { metadata: { annotations: noteOf(live, primary) }, spec: { traffic } } });
  return {};
}

interface Shift {
  readonly live: KubernetesObject;
  readonly primary: string;
  readonly weights: Weights;
}

/**
 * No share is judged, or made larger, before Knative has carried out the last one. A list that is not the one of the
 * run is repaired at once, and all traffic may always go back to the primary.
 */
function refuseWhileBehind({ canary }: StepContext, { live, primary, weights }: Shift): void {
  const isOnCourse = [weights, currentWeights(canary, canary.status)].some((one) =>
    hasTraffic(live, knativeTraffic(primary, one)),
  );
  const why = isOnCourse ? whyBehind(live) : undefined;
  if (why === undefined) return;
  throw new AdapterError('unavailable', `Knative Service ${nameOf(live.metadata)} is not ready: ${why}`);
}

/** Nothing for a list that was ours already, be it through the reference: what it was before nobody knows. */
function noteOf(live: KubernetesObject, primary: string): JsonRecord {
  const isNoted = originalTrafficAnnotation in (live.metadata.annotations ?? {});
  if (isNoted || isSplitBetween(live, primary)) return {};
  return { [originalTrafficAnnotation]: JSON.stringify(arrayAt(live, 'spec', 'traffic')) };
}

/** All to the newest revision that is ready: what Knative does where nobody says otherwise. */
const plain = [{ latestRevision: true, percent: 100 }];

async function restore(objects: StepObjects, step: StepContext): Promise<RestoredRoutes> {
  const at = knativeServiceAt(step);
  const live = await objects.getFresh(step, at);
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return { changed: false };
  const { annotations = {} } = live.metadata;
  const ours = [primaryRevisionAnnotation, originalTrafficAnnotation].filter((key) => key in annotations);
  if (ours.length === 0) return { changed: false };
  const metadata = { annotations: Object.fromEntries(ours.map((key) => [key, null])) };
  const traffic = formerTraffic(live);
  await objects.patch(step, { at, patch: { metadata, ...(traffic === undefined ? {} : { spec: { traffic } }) } });
  return { changed: true };
}

/** Undefined where we have not touched it. */
function formerTraffic(live: KubernetesObject): readonly unknown[] | undefined {
  const note = live.metadata.annotations?.[originalTrafficAnnotation];
  if (note === undefined) return isSplitBetween(live, primaryRevisionOf(live)) ? plain : undefined;
  const stored = arrayAt({ stored: parseJson(note) }, 'stored').filter((entry) => recordAt(entry) !== undefined);
  return stored.length === 0 ? plain : stored;
}
