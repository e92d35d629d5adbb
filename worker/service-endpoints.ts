/** Who answers behind a Service, from its EndpointSlices. */
import type { EndpointsFact } from '../canary/action.ts';
import { arrayAt, stringAt, valueAt } from '../platform/json.ts';
import type { KubernetesObject } from '../platform/kubernetes-object.ts';

/** Label by which EndpointSlices name their Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

export interface EndpointsQuestion {
  readonly slices: readonly KubernetesObject[];
  /** Names of the two Services. */
  readonly primary: string;
  readonly apex: string;
}

/** Counts ready pods: one with an address per family, or in two slices for a moment, counts once. */
export function endpointsFact({ slices, primary, apex }: EndpointsQuestion): EndpointsFact {
  const behindPrimary = readyEndpoints(slices, primary);
  const behindApex = readyEndpoints(slices, apex);
  return {
    primary: behindPrimary.size,
    apexServesPrimary: behindApex.size > 0 && [...behindApex].every((endpoint) => behindPrimary.has(endpoint)),
  };
}

function readyEndpoints(slices: readonly KubernetesObject[], service: string): Set<string> {
  const endpoints = slices
    .filter((slice) => slice.metadata.labels?.[serviceNameLabel] === service)
    .flatMap((slice) => arrayAt(slice, 'endpoints'));
  return new Set(endpoints.filter(isReady).map(identityOf));
}

/** An unknown readiness means ready, says the API. */
const isReady = (endpoint: unknown): boolean => valueAt(endpoint, 'conditions', 'ready') !== false;

const identityOf = (endpoint: unknown): string =>
  stringAt(endpoint, 'targetRef', 'uid') ?? String(arrayAt(endpoint, 'addresses')[0]);
