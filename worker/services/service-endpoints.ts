/** Who answers behind a Service, from its EndpointSlices. */
import type { EndpointsFact } from '../../canary/action.ts';
import { arrayAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { endpointSlices } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';

/** Label by which EndpointSlices name their Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** The EndpointSlices of these Services of the Canary's namespace. Fails with KubernetesError. */
export async function listSlices(
  client: Pick<KubernetesClient, 'list'>,
  { canary, signal }: StepContext,
  names: readonly string[],
): Promise<readonly KubernetesObject[]> {
  const labelSelector = `${serviceNameLabel} in (${names.join(',')})`;
  return (await client.list(endpointSlices, { namespace: canary.namespace, labelSelector, signal })).items;
}

export interface EndpointsQuestion {
  readonly slices: readonly KubernetesObject[];
  /** Names of the three Services. */
  readonly primary: string;
  readonly canary: string;
  readonly apex: string;
}

/** Counts ready pods: one with an address per family, or in two slices for a moment, counts once. */
export function endpointsFact({ slices, primary, canary, apex }: EndpointsQuestion): EndpointsFact {
  const behindPrimary = readyEndpoints(slices, primary);
  const behindApex = readyEndpoints(slices, apex);
  const leadsTo = (endpoints: ReadonlySet<string>): boolean =>
    behindApex.size > 0 && [...behindApex].every((endpoint) => endpoints.has(endpoint));
  // Somebody may have removed the Service of the canary: then the target's are those that are not the primary's.
  const isTargetKnown = slices.some((slice) => isOf(slice, canary));
  const leftPrimary = behindApex.size > 0 && ![...behindApex].some((endpoint) => behindPrimary.has(endpoint));
  return {
    primary: behindPrimary.size,
    apexServesPrimary: leadsTo(behindPrimary),
    apexServesTarget: isTargetKnown ? leadsTo(readyEndpoints(slices, canary)) : leftPrimary,
  };
}

const isOf = (slice: KubernetesObject, service: string): boolean =>
  slice.metadata.labels?.[serviceNameLabel] === service;

/** Identities of the ready endpoints behind a Service. */
export function readyEndpoints(slices: readonly KubernetesObject[], service: string): ReadonlySet<string> {
  const endpoints = slices.filter((slice) => isOf(slice, service)).flatMap((slice) => arrayAt(slice, 'endpoints'));
  return new Set(endpoints.filter(isReady).map(identityOf));
}

/** An unknown readiness means ready, says the API. */
const isReady = (endpoint: unknown): boolean => valueAt(endpoint, 'conditions', 'ready') !== false;

const identityOf = (endpoint: unknown): string =>
  stringAt(endpoint, 'targetRef', 'uid') ?? String(arrayAt(endpoint, 'addresses')[0]);
