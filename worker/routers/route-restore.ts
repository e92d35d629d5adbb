/** A route object at the end of its Canary. Rules: routers/README.md sections 2.3 and 2.7. */
import type { RestoredRoutes } from '../../canary/action.ts';
import { isRecord, parseJson, recordAt, type JsonRecord } from '../../platform/json.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { lastAppliedAnnotation } from '../objects/copied-metadata.ts';
import { leavingMetadata, mergePatchTo } from '../objects/merge-patch.ts';
import { isControlledBy } from '../objects/owner.ts';
import { originalConfigurationAnnotation } from './route-adoption.ts';
import type { RouteCluster } from './route-object.ts';
import { ownershipOf } from './route-ownership.ts';

export interface RouteRemains {
  readonly resource: Resource;
  readonly name: ObjectName;
  /** Whether an existing object routes to the two Services of the Canary. */
  readonly namesOurServices: (live: KubernetesObject) => boolean;
  /**
   * The spec with the apex in the place of the two Services, for a route that was taken over and whose original nobody
   * knows. Left out for kinds that nobody but us writes: such a route goes.
   */
  readonly toApex?: (live: KubernetesObject) => JsonRecord;
  /** Annotations of ours beside the snapshot. */
  readonly notes?: readonly string[];
}

const asItIs: RestoredRoutes = { changed: false };
const restored: RestoredRoutes = { changed: true };

/**
 * Removes a route that the Canary created; gives one that it took over its snapshot back, else what kubectl last
 * applied, else the apex. A route that is gone, on its way out or somebody else's is left alone.
 *
 * @throws KubernetesError, `conflict` when another has changed the route since it was read
 */
export async function restoreRouteObject(
  cluster: RouteCluster,
  step: StepContext,
  remains: RouteRemains,
): Promise<RestoredRoutes> {
  const { resource, name } = remains;
  const live = await cluster.reads.getFresh(step, { resource, name });
  if (live === undefined || !isRemains(live, step, remains)) return asItIs;
  const spec = isControlledBy(live, step.canary) ? undefined : originalSpec(live, remains);
  if (spec === undefined) return remove(cluster, step, { resource, live });
  await step.fence();
  await cluster.mergePatch(resource, live.metadata, {
    patch: {
      metadata: leavingMetadata(live, [originalConfigurationAnnotation, ...(remains.notes ?? [])]),
      spec: mergePatchTo(recordAt(live, 'spec') ?? {}, spec),
    },
    resourceVersion: live.metadata.resourceVersion,
    signal: step.signal,
  });
  return restored;
}

function isRemains(live: KubernetesObject, { canary }: StepContext, { namesOurServices }: RouteRemains): boolean {
  const { kind } = ownershipOf(live, canary, namesOurServices(live));
  return kind === 'ours' || (kind === 'foreign' && snapshotOf(live) !== undefined);
}

const snapshotOf = (live: KubernetesObject): JsonRecord | undefined => {
  const spec = parseJson(live.metadata.annotations?.[originalConfigurationAnnotation]);
  return isRecord(spec) ? spec : undefined;
};

function originalSpec(live: KubernetesObject, { namesOurServices, toApex }: RouteRemains): JsonRecord | undefined {
  const snapshot = snapshotOf(live);
  if (snapshot !== undefined) return snapshot;
  const applied = recordAt(parseJson(live.metadata.annotations?.[lastAppliedAnnotation]), 'spec');
  const isUseful = applied !== undefined && !namesOurServices({ ...live, spec: applied });
  return isUseful ? applied : toApex?.(live);
}

interface Created {
  readonly resource: Resource;
  readonly live: KubernetesObject;
}

async function remove(cluster: RouteCluster, step: StepContext, { resource, live }: Created): Promise<RestoredRoutes> {
  await step.fence();
  try {
    await cluster.delete(resource, live.metadata, { uid: live.metadata.uid, signal: step.signal });
  } catch (error) {
    if (!isKubernetesError(error, 'notFound')) throw error;
  }
  return restored;
}
