/** The copies that are made of a Service as a target: `-primary` and `-canary`. Rules: spec of targets, sections 1 and 4. */
import { isDeepStrictEqual } from 'node:util';
import type { Canary } from '../../canary/canary.ts';
import { arrayAt, isRecord, recordAt, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, services } from '../../platform/kubernetes/resources.ts';
import { copiedAnnotations, withPrefixes } from '../objects/copied-metadata.ts';
import type { StringMap } from '../objects/copied-metadata.ts';
import { fluxMarkers } from '../objects/flux-markers.ts';
import { controllerReference, isControlledBy, refuseOthers } from '../objects/owner.ts';
import type { Plan } from '../objects/step-objects.ts';

/** Annotation of the primary with the id of the revision that it was copied from. */
export const flaggerIdAnnotation = 'flagger-id';

export interface ServiceCopy {
  readonly canary: Canary;
  readonly target: KubernetesObject;
  /** The copy as it is; undefined when there is none yet. */
  readonly live: KubernetesObject | undefined;
  readonly name: string;
  /** Prefixes of the labels (and on promotion annotations) that a copy takes over; `*` for all. */
  readonly includeLabelPrefixes: readonly string[];
  /** A first copy carries all annotations of the target, a promotion only those with the operator's prefixes. */
  readonly occasion: 'create' | 'promote';
  readonly flaggerId?: string;
}

/**
 * What we apply to a copy: the target's spec, its metadata as far as it is copied, and the Canary as owner.
 *
 * @throws AdapterError `invalid` when another Canary controls the copy, `unavailable` while it is being deleted
 */
export function serviceCopyPlan(copy: ServiceCopy): Plan {
  const { canary, target, live } = copy;
  if (live !== undefined) refuseOthers(live, canary);
  const isOwned = live === undefined || isControlledBy(live, canary);
  const labels = withPrefixes(target.metadata.labels ?? {}, copy.includeLabelPrefixes);
  const desired = {
    apiVersion: apiVersionOf(services),
    kind: services.kind,
    metadata: {
      name: copy.name,
      namespace: canary.namespace,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: annotationsOf(copy),
      ...(isOwned ? { ownerReferences: [controllerReference(canary)] } : {}),
    },
    spec: { ...comparable(target), ...headlessOf(target, live) },
  };
  // A copy says what its target says and nothing else, whoever added to it.
  const isExact = live === undefined || isServiceCopy(live, target);
  return { desired, claims: isExact ? [] : [['f:spec']] };
}

function annotationsOf({ target, occasion, includeLabelPrefixes, flaggerId }: ServiceCopy): StringMap {
  const { annotations = {} } = target.metadata;
  const copied =
    occasion === 'create' ? copiedAnnotations(annotations) : withPrefixes(annotations, includeLabelPrefixes);
  return { ...copied, ...fluxMarkers, ...(flaggerId === undefined ? {} : { [flaggerIdAnnotation]: flaggerId }) };
}

/** What was allocated to the target alone, and what brings traffic from outside the cluster to it. */
const ofTheTargetAlone: readonly string[] = [
  'allocateLoadBalancerNodePorts',
  'clusterIP',
  'clusterIPs',
  'externalIPs',
  'externalTrafficPolicy',
  'healthCheckNodePort',
  'loadBalancerClass',
  'loadBalancerIP',
  'loadBalancerSourceRanges',
];

/** The spec that target and copy share. Copies are reached from within the cluster: a load balancer's is a ClusterIP. */
function comparable(service: KubernetesObject): JsonRecord {
  const spec = recordAt(service, 'spec') ?? {};
  const ports = arrayAt(spec, 'ports')
    .filter(isRecord)
    .map((port) => without(port, ['nodePort']));
  return {
    ...without(spec, [...ofTheTargetAlone, 'ports']),
    type: isExternalName(service) ? 'ExternalName' : 'ClusterIP',
    ...(ports.length === 0 ? {} : { ports }),
  };
}

const without = (record: JsonRecord, fields: readonly string[]): JsonRecord =>
  Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field)));

const isExternalName = (service: KubernetesObject): boolean => stringAt(service, 'spec', 'type') === 'ExternalName';

const isHeadless = (service: KubernetesObject): boolean => stringAt(service, 'spec', 'clusterIP') === 'None';

/** The API server lets nobody make an existing Service headless, or the other way round, but for an ExternalName. */
function headlessOf(target: KubernetesObject, live: KubernetesObject | undefined): JsonRecord {
  if (isExternalName(target)) return {};
  const model = live === undefined || isExternalName(live) ? target : live;
  return isHeadless(model) ? { clusterIP: 'None' } : {};
}

/** Whether the copy's spec is the target's, but for what each of them has for itself. */
export const isServiceCopy = (copy: KubernetesObject, target: KubernetesObject): boolean =>
  isDeepStrictEqual(comparable(copy), comparable(target));

/** Whether the copy cannot become what the target is; said, since nothing but a new Service mends it. */
export const differsInHeadless = (copy: KubernetesObject, target: KubernetesObject): boolean =>
  !isExternalName(copy) && !isExternalName(target) && isHeadless(copy) !== isHeadless(target);
