/**
 * The one way in which routers read, compare and write their object.
 *
 * Server-side apply of our own fields, guarded by the version that was read; no write when nothing differs; an object that
 * is somebody else's is refused.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Canary } from '../../canary/canary.ts';
import { isRecord, type JsonRecord } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError, type KubernetesError } from '../../platform/kubernetes/error.ts';
import { nameOf, type KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, type Resource } from '../../platform/kubernetes/resources.ts';
import { AdapterError, type StepContext } from '../context.ts';
import { createStepObjects, type ObjectsClient, type StepObjects } from '../objects/step-objects.ts';
import { createStepReads, type StepReads } from '../objects/step-reads.ts';
import { adoptAnnotation, adopts, withSnapshot } from './route-adoption.ts';
import { hasMetadata, metadataFor } from './route-metadata.ts';
import { ownershipOf, type Ownership } from './route-ownership.ts';

type RouteWrites = Pick<KubernetesClient, 'apply' | 'mergePatch' | 'delete'>;

/** What routers need of the cluster: reads that a step makes once, lists, and the writes. */
export interface RouteCluster extends RouteWrites, Pick<KubernetesClient, 'list'> {
  readonly reads: StepReads;
  /** For a route that is part of an object of the user's. */
  readonly objects: StepObjects;
}

export type RouteClient = Pick<KubernetesClient, 'list'> & ObjectsClient & RouteWrites;

export const createRouteCluster = (client: RouteClient): RouteCluster => ({
  reads: createStepReads(client),
  objects: createStepObjects(client),
  list: (resource, options) => client.list(resource, options),
  apply: (resource, object, options) => client.apply(resource, object, options),
  mergePatch: (resource, name, patch) => client.mergePatch(resource, name, patch),
  delete: (resource, name, options) => client.delete(resource, name, options),
});

export interface RouteWish {
  readonly resource: Resource;
  /** What the route should be if it were only ours. */
  readonly desired: KubernetesObject;
  /** Whether an existing object routes to the two Services of the Canary. */
  readonly namesOurServices: (live: KubernetesObject) => boolean;
  /** Percent of the traffic that it gives the canary. */
  readonly canaryShare: (route: KubernetesObject) => number;
  /** Lays what is ours over what others wrote into the same object. Default: `desired` as it is. */
  readonly within?: (live: KubernetesObject) => KubernetesObject;
  /** Looks at the object as it is before anything is written; throws AdapterError to stop. */
  readonly inspect?: (live: KubernetesObject | undefined) => void | Promise<void>;
}

export interface EnsuredRoute {
  /** The object as it is now. */
  readonly route: KubernetesObject;
  /** The canary had a share by it, and has none any more. */
  readonly tookTraffic: boolean;
}

/** Tries of one write, the first included. */
const maxTries = 4;

/**
 * Makes the route object what is wanted.
 *
 * A conflict is repeated while the spec is the one that was read, for gateways write into the status at any time; a changed
 * spec means that somebody else acts on the route, and ends the step.
 *
 * @throws AdapterError `routeConflict` for somebody else's object, `unavailable` for one that is being deleted or whose
 *   definition is, `notFound` when the cluster does not serve the kind, `unsupported` when its definition lacks a field;
 *   KubernetesError, with kind `conflict` when another has changed the route
 */
export async function ensureRouteObject(
  cluster: RouteCluster,
  step: StepContext,
  wish: RouteWish,
): Promise<EnsuredRoute> {
  const at = { resource: wish.resource, name: wish.desired.metadata };
  let live = await cluster.reads.get(step, at);
  for (let tries = 1; ; tries += 1) {
    try {
      const written = await ensureOnce(cluster, step, { ...wish, live });
      cluster.reads.remember(step, at, written);
      const before = live === undefined ? 0 : wish.canaryShare(live);
      return { route: written, tookTraffic: before > 0 && wish.canaryShare(written) === 0 };
    } catch (error) {
      if (!isKubernetesError(error, 'conflict') || tries === maxTries) throw error;
      const now = await cluster.reads.getFresh(step, at);
      if (!hasSameSpec(live, now)) throw error;
      live = now;
    }
  }
}

async function ensureOnce(
  cluster: RouteCluster,
  step: StepContext,
  wish: RouteWish & { readonly live: KubernetesObject | undefined },
): Promise<KubernetesObject> {
  const { resource, desired, live } = wish;
  const { canary } = step;
  const owner = ownerOf(wish, canary);
  await wish.inspect?.(live);
  const fields = live === undefined || wish.within === undefined ? desired : wish.within(live);
  const wanted = { ...fields, metadata: withSnapshot(metadataFor(fields.metadata, live, canary), live, owner) };
  if (live !== undefined && isAsWanted(live, wanted)) return live;
  await step.fence();
  // A missing object is not forced into being: one that somebody creates at this moment is a conflict.
  const guard = live === undefined ? {} : { force: true, resourceVersion: live.metadata.resourceVersion };
  try {
    return await cluster.apply(resource, wanted, { signal: step.signal, ...guard });
  } catch (error) {
    throw isKubernetesError(error) ? explained(error, resource) : error;
  }
}

/** A server-side apply of a field that the definition does not have is answered with 500. */
const unknownField = 'field not declared in schema';
/** The API server serves a kind for a moment longer than its definition is there, and refuses to create one (403). */
const definitionLeaves = 'custom resource definition is terminating';

function explained(error: KubernetesError, resource: Resource): Error {
  if (error.kind === 'notFound') return notServed(error, resource);
  if (error.message.includes(definitionLeaves)) {
    const hint = `the definition of ${resource.kind} (${apiVersionOf(resource)}) is being deleted: install it again`;
    return new AdapterError('unavailable', `${error.message}; ${hint}`, { cause: error });
  }
  if (!error.message.includes(unknownField)) return error;
  const hint = `the definition of ${resource.kind} (${apiVersionOf(resource)}) in this cluster is of another release`;
  return new AdapterError('unsupported', `${error.message}; ${hint}`, { cause: error });
}

function notServed(error: Error, resource: Resource): AdapterError {
  const hint = `is the definition of ${resource.kind} (${apiVersionOf(resource)}) installed in this cluster?`;
  return new AdapterError('notFound', `${error.message}; ${hint}`, { cause: error });
}

/** The API server counts `generation` up with every change of the spec. */
const hasSameSpec = (before: KubernetesObject | undefined, now: KubernetesObject | undefined): boolean =>
  before?.metadata.generation !== undefined &&
  before.metadata.uid === now?.metadata.uid &&
  before.metadata.generation === now?.metadata.generation;

/** Whose the object is, provided that we may write it: ours, not there yet, or to be adopted. */
function ownerOf(wish: RouteWish & { readonly live: KubernetesObject | undefined }, canary: Canary): Ownership {
  const { resource, live } = wish;
  if (live === undefined) return { kind: 'ours' };
  const owner = ownershipOf(live, canary, wish.namesOurServices(live));
  const object = `${resource.kind} ${nameOf(live.metadata)}`;
  switch (owner.kind) {
    case 'ours':
      return owner;
    case 'leaving':
      throw new AdapterError('unavailable', `${object} is being deleted: waiting until it is gone`);
    case 'foreign': {
      if (owner.isAdoptable && adopts(canary)) return owner;
      const adoption = owner.isAdoptable
        ? `, or annotate the canary with ${adoptAnnotation}: "true" to take it over`
        : '';
      throw new AdapterError(
        'routeConflict',
        `${object} exists and does not belong to canary ${nameOf(canary)} (its owner: ${owner.owner}): ` +
          `remove or rename it, or set spec.service.name to another name${adoption}`,
      );
    }
    default:
      return owner satisfies never;
  }
}

/** Whether every field that we would write is there already. */
function isAsWanted(live: KubernetesObject, wanted: KubernetesObject): boolean {
  const { metadata, apiVersion: _, kind: __, ...fields } = wanted;
  return hasMetadata(live, metadata) && Object.entries(fields).every(([key, value]) => holds(live[key], value));
}

/** Fields of the spec one by one, everything below as a whole: the API server takes lists of routes as a whole, too. */
function holds(live: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted)) return isDeepStrictEqual(live, wanted);
  return Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual(compact(isRecord(live) ? live[key] : undefined), compact(value)),
  );
}

/** Without empty lists and absent values, which say the same as a missing field. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(compact);
  if (!isRecord(value)) return value ?? undefined;
  const fields = Object.entries(value).map(([key, inner]) => [key, compact(inner)] as const);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined)) satisfies JsonRecord;
}
