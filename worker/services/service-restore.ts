/** The apex Service at the end of its Canary. Rules: spec of services, section 5. */
import type { RestoredApex } from '../../canary/action.ts';
import type { Canary } from '../../canary/canary.ts';
import { arrayAt, parseJson, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { AdapterError } from '../context.ts';
import type { StepContext } from '../context.ts';
import { fluxMarkers } from '../objects/flux-markers.ts';
import { isEmptyPatch, leavingMetadata, mergePatchTo } from '../objects/merge-patch.ts';
import { isControlledBy, otherCanaryOf } from '../objects/owner.ts';
import type { StepObjects } from '../objects/step-objects.ts';
import { lastAppliedAnnotation } from '../objects/copied-metadata.ts';
import { originalServiceAnnotation, serviceName } from './service-object.ts';
import type { TargetSelector } from '../targets/target.ts';

/** Nothing to give back, and nobody to wait for. */
export const untouchedApex: RestoredApex = { changed: false, leadsToTarget: false };

/**
 * An apex of the Canary's own selects the target from now on and loses its owner, so that it outlives the Canary. A
 * user's gets back what was stored of it, else the selector that kubectl last applied, else the target's. One that is
 * gone, another Canary's, or does not lead to the primary (any more) is left alone.
 *
 * @param selectorOf fails with `notFound` where there is no target any more
 */
export async function restoreApex(
  objects: StepObjects,
  step: StepContext,
  selectorOf: () => Promise<TargetSelector>,
): Promise<RestoredApex> {
  const { canary } = step;
  const at = { resource: services, name: { namespace: canary.namespace, name: serviceName(canary, 'apex') } };
  const live = await objects.getFresh(step, at);
  if (live === undefined || isOutOfReach(live, canary)) return untouchedApex;
  const selector = await selectorOf().catch(noneWithoutTarget);
  const wanted = wantedSpec(live, canary, selector);
  const leadsToTarget = selector !== undefined && wanted.selector[selector.label] === selector.value;
  const patch = patchOf(live, canary, wanted);
  if (!wanted.isTakenOver || isEmptyPatch(patch)) return { changed: false, leadsToTarget };
  await objects.patch(step, { at, patch });
  return { changed: true, leadsToTarget };
}

const isOutOfReach = (live: KubernetesObject, canary: Canary): boolean =>
  live.metadata.deletionTimestamp !== undefined || otherCanaryOf(live, canary) !== undefined;

function noneWithoutTarget(error: unknown): undefined {
  if (error instanceof AdapterError && error.reason === 'notFound') return undefined;
  throw error;
}

interface Wanted {
  /** Whether anything on the Service may be ours. */
  readonly isTakenOver: boolean;
  readonly selector: JsonRecord;
  /** Left out where the ports stay as they are. */
  readonly ports?: readonly unknown[];
}

const liveSelector = (live: KubernetesObject): JsonRecord => recordAt(live, 'spec', 'selector') ?? {};

function wantedSpec(live: KubernetesObject, canary: Canary, selector: TargetSelector | undefined): Wanted {
  const now = liveSelector(live);
  const stored = storedOriginal(live);
  if (stored !== undefined) return { ...stored, isTakenOver: true };
  if (selector === undefined) return { selector: now, isTakenOver: false };
  const { label, value } = selector;
  const ofTarget = { ...now, [label]: value };
  if (isControlledBy(live, canary)) return { selector: ofTarget, isTakenOver: true };
  const primaryValue = `${value}-primary`;
  if (now[label] !== primaryValue) return { selector: now, isTakenOver: false };
  const applied = lastAppliedSelector(live);
  const isUseful = applied !== undefined && applied[label] !== primaryValue;
  return { selector: isUseful ? applied : ofTarget, isTakenOver: true };
}

/** Undefined when nothing was stored, or somebody has made it unreadable. */
function storedOriginal(live: KubernetesObject): Omit<Wanted, 'isTakenOver'> | undefined {
  const original = parseJson(live.metadata.annotations?.[originalServiceAnnotation]);
  const selector = recordAt(original, 'selector');
  return selector === undefined ? undefined : { selector, ports: arrayAt(original, 'ports') };
}

const lastAppliedSelector = (live: KubernetesObject): JsonRecord | undefined =>
  recordAt(parseJson(live.metadata.annotations?.[lastAppliedAnnotation]), 'spec', 'selector');

function patchOf(live: KubernetesObject, canary: Canary, wanted: Wanted): JsonRecord {
  const spec = recordAt(live, 'spec') ?? {};
  const { selector, ports } = wanted;
  const wantedPorts = ports === undefined || ports.length === 0 ? {} : { ports };
  return {
    metadata: isControlledBy(live, canary)
      ? disownedMetadata(live, canary)
      : leavingMetadata(live, [originalServiceAnnotation]),
    spec: mergePatchTo(spec, { ...spec, ...wantedPorts, selector }),
  };
}

/** Labels and annotations of an apex of ours stay: others may find the Service by them. */
function disownedMetadata(live: KubernetesObject, canary: Canary): JsonRecord {
  const { ownerReferences = [], annotations = {} } = live.metadata;
  const markers = Object.keys(fluxMarkers).filter((key) => key in annotations);
  return {
    ownerReferences: ownerReferences.filter(({ uid }) => uid !== canary.uid),
    annotations: Object.fromEntries(markers.map((key) => [key, null])),
  };
}
