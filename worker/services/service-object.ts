/** The three Services of a canary as they ought to be. Rules: spec of services, sections 1 and 3. */
import type { Remarks } from '../../canary/action.ts';
import { canaryServiceName, primaryServiceName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import type { ServiceMetadata } from '../../canary/spec.ts';
import { arrayAt, parseJson, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, services } from '../../platform/kubernetes/resources.ts';
import { fluxMarkers } from '../objects/flux-markers.ts';
import { controllerReference, isControlledBy, refuseOthers } from '../objects/owner.ts';
import type { FieldPath } from '../objects/managed-fields.ts';
import type { Plan } from '../objects/step-objects.ts';
import { nameGiven, portsToRemove, protocolsToRemove, servicePorts } from './service-ports.ts';
import type { ServicePort } from './service-ports.ts';
import type { TargetSelector } from '../targets/target.ts';

export type ServiceRole = 'apex' | 'primary' | 'canary';

export interface ServiceWish {
  readonly role: ServiceRole;
  readonly canary: Canary;
  readonly selector: TargetSelector;
  /** The Service as it is; undefined when there is none yet. */
  readonly live: KubernetesObject | undefined;
}

/**
 * Annotation with selector and ports (JSON) that a user's own apex Service had before we changed it; what the deletion
 * of the Canary restores.
 */
export const originalServiceAnnotation = 'aviary.dev/original-service';

const names: Record<ServiceRole, (canary: Canary) => string> = {
  apex: ({ spec }) => spec.service.name,
  primary: primaryServiceName,
  canary: canaryServiceName,
};

export const serviceName = (canary: Canary, role: ServiceRole): string => names[role](canary);

/**
 * What we apply to one of the Services. A Service that is the Canary's own is ours but for foreign labels and
 * annotations; on a user's we set selector and our ports, and keep the rest;
 * its port without a name is given one where it would stand beside ours.
 *
 * @throws AdapterError `invalid` when another Canary controls the Service, `unavailable` while it is being deleted
 */
export function servicePlan(wish: ServiceWish): Plan {
  const { canary, role, selector, live } = wish;
  if (live !== undefined) refuseOthers(live, canary);
  const isOwned = live === undefined || isControlledBy(live, canary);
  const ports = portsOf(wish, isOwned);
  const { label, value } = selector;
  const desired = {
    apiVersion: apiVersionOf(services),
    kind: services.kind,
    metadata: {
      name: serviceName(canary, role),
      namespace: canary.namespace,
      ...(isOwned ? ownedMetadata(wish) : { annotations: foreignAnnotations(wish) }),
    },
    spec: {
      ports,
      selector: { [label]: role === 'canary' ? value : `${value}-primary` },
      ...(isOwned ? ownedSpec(wish) : {}),
    },
  };
  return { desired, claims: live === undefined ? [] : claimsOn(live, wish, { ports, isOwned }) };
}

function portsOf(wish: ServiceWish, isOwned: boolean): readonly ServicePort[] {
  const ours = servicePorts(wish.canary.spec.service, wish.selector.ports);
  if (isOwned) return ours;
  const original = wish.role === 'apex' ? parseJson(originalService(wish)) : recordAt(wish.live, 'spec');
  return [...ours, ...nameGiven(arrayAt(original, 'ports'), ours)];
}

interface Claiming {
  readonly ports: readonly ServicePort[];
  readonly isOwned: boolean;
}

function claimsOn(live: KubernetesObject, { canary }: ServiceWish, { ports, isOwned }: Claiming): readonly FieldPath[] {
  const removed = portsToRemove(live, ports, { isOwned });
  if (!isOwned) return removed;
  const isPlain = canary.spec.service.trafficDistribution === undefined;
  return [...removed, ...protocolsToRemove(live, ports), ...(isPlain ? [['f:spec', 'f:trafficDistribution']] : [])];
}

const isHeadless = (service: KubernetesObject): boolean => stringAt(service, 'spec', 'clusterIP') === 'None';

/** What cannot be done to a Service that exists; it goes on as it is. */
export function headlessRemarks({ spec, namespace, name }: Canary, service: KubernetesObject): Remarks {
  const { headless } = spec.service;
  if (isHeadless(service) === headless) return {};
  const found = headless ? 'one with a cluster IP' : 'a headless one';
  return {
    warnings: [
      `service ${service.metadata.name}.${namespace}: expected spec.service.headless ${headless} of Canary ${name}, got ${found}, ` +
        'and an existing Service cannot be changed in that: delete it, and it is made anew',
    ],
  };
}

/** Whether a user's own Service leads to the primary because it is, or was, the apex. */
export const isAdoptedApex = (service: KubernetesObject, { label, value }: TargetSelector): boolean =>
  service.metadata.annotations?.[originalServiceAnnotation] !== undefined &&
  stringAt(service, 'spec', 'selector', label) === `${value}-primary`;

function ownedSpec({ canary, live }: ServiceWish): JsonRecord {
  const { headless, trafficDistribution } = canary.spec.service;
  // The API server lets nobody make an existing Service headless, or the other way round.
  const wanted = live === undefined ? headless : isHeadless(live);
  return {
    ...(wanted ? { clusterIP: 'None' } : {}),
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
  };
}

function ownedMetadata(wish: ServiceWish): Partial<KubernetesObject['metadata']> {
  const { canary, role, selector, live } = wish;
  const { [role]: users, unmanagedMetadata } = canary.spec.service;
  const kept = (field: keyof ServiceMetadata): Record<string, string> =>
    liveValues({ live, field, keys: unmanagedMetadata[field].filter((key) => Object.hasOwn(users[field], key)) });
  return {
    labels: { ...users.labels, [selector.label]: serviceName(canary, role), ...kept('labels') },
    annotations: { ...users.annotations, ...fluxMarkers, ...kept('annotations') },
    ownerReferences: [controllerReference(canary)],
  };
}

interface LiveValues {
  readonly live: KubernetesObject | undefined;
  readonly field: keyof ServiceMetadata;
  readonly keys: readonly string[];
}

function liveValues({ live, field, keys }: LiveValues): Record<string, string> {
  const values = live?.metadata[field] ?? {};
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = values[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function foreignAnnotations(wish: ServiceWish): Record<string, string> {
  const original = wish.role === 'apex' ? originalService(wish) : undefined;
  return { ...fluxMarkers, ...(original === undefined ? {} : { [originalServiceAnnotation]: original }) };
}

/** What is stored already, else what the Service is now; nothing when it serves the primary already. */
function originalService({ live, selector }: ServiceWish): string | undefined {
  const stored = live?.metadata.annotations?.[originalServiceAnnotation];
  if (stored !== undefined || live === undefined) return stored;
  const now = recordAt(live, 'spec', 'selector') ?? {};
  if (now[selector.label] === `${selector.value}-primary`) return undefined;
  return JSON.stringify({ selector: now, ports: valueAt(live, 'spec', 'ports') ?? [] });
}
