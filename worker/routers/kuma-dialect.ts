/** The route object that Kuma wants, per dialect. Pure. Rules: routers/kuma.md section 7. */
import { canaryServiceName, primaryServiceName, type Canary, type Weights } from '../../canary/canary.ts';
import { meshKey } from '../../canary/mesh.ts';
import { routeMatches } from '../../canary/request-match.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { kumaMatch } from './kuma-match.ts';
import { serviceFilters } from './route-match.ts';
import { routeMetadata } from './route-metadata.ts';

/** How Services are named in a route. */
export type KumaDialect =
  /** By Kuma's own names, which work in every mode of 2.x. */
  | { readonly kind: 'v2'; readonly mesh: string }
  /** By labels of the MeshService; `zone` is the local one, where the MeshService tells. */
  | { readonly kind: 'v3'; readonly mesh: string; readonly zone?: string };

/** The MeshHTTPRoute of a Canary: all traffic of the apex Service, split between primary and canary. */
export function meshHttpRoute(canary: Canary, weights: Weights, dialect: KumaDialect): KubernetesObject {
  const refs = references(canary, dialect);
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshHTTPRoute',
    metadata: routeMetadata(canary, { [meshKey]: dialect.mesh }),
    spec: { targetRef: { kind: 'Mesh' }, to: [{ targetRef: refs.apex, rules: rules(canary, weights, refs) }] },
  };
}

/** Kuma 2.x's name of one port of a Service. */
export const legacyName = (service: string, { namespace, spec }: Canary): string =>
  `${service}_${namespace}_svc_${spec.service.port}`;

interface References {
  readonly apex: JsonRecord;
  readonly primary: JsonRecord;
  readonly canary: JsonRecord;
}

function references(canary: Canary, dialect: KumaDialect): References {
  const ofService = dialect.kind === 'v2' ? byLegacyName(canary) : byLabels(canary);
  const zone = dialect.kind === 'v3' && dialect.zone !== undefined ? { 'kuma.io/zone': dialect.zone } : {};
  return {
    // A zone here would turn the route into one for clients of this namespace only.
    apex: ofService(canary.spec.service.name, {}),
    primary: ofService(primaryServiceName(canary), zone),
    canary: ofService(canaryServiceName(canary), zone),
  };
}

type Reference = (service: string, zone: Readonly<Record<string, string>>) => JsonRecord;

const byLegacyName =
  (canary: Canary): Reference =>
  (service) => ({ kind: 'MeshService', name: legacyName(service, canary) });

const byLabels =
  ({ namespace, spec }: Canary): Reference =>
  (service, zone) => ({
    kind: 'MeshService',
    labels: { 'kuma.io/display-name': service, 'k8s.kuma.io/namespace': namespace, ...zone },
    sectionName: spec.service.portName,
  });

function rules(canary: Canary, weights: Weights, refs: References): readonly JsonRecord[] {
  const { cohort, service } = routeMatches(canary);
  const changes = serviceFilters(canary.spec.service);
  const mirror = weights.mirrored ? [mirrorTo(refs.canary, canary)] : [];
  const rule = (matches: typeof service, backendRefs: readonly JsonRecord[], copies = mirror): JsonRecord => {
    const filters = [...changes, ...copies];
    return {
      matches: matches.map(kumaMatch),
      default: { ...(filters.length === 0 ? {} : { filters }), backendRefs },
    };
  };
  const split = [
    { ...refs.primary, weight: weights.primary },
    { ...refs.canary, weight: weights.canary },
  ];
  if (cohort.length === 0) return [rule(service, split)];
  return [rule(cohort, split), rule(service, [{ ...refs.primary, weight: 100 }], [])];
}

/**
 * Without a percentage everything is copied. A mirror takes the same reference as a backend, in both dialects, with the
 * weight that Kuma's definition would fill in.
 */
function mirrorTo(backendRef: JsonRecord, { spec }: Canary): JsonRecord {
  const { mirrorWeight = 100 } = spec.analysis;
  const requestMirror = {
    ...(mirrorWeight === 100 ? {} : { percentage: mirrorWeight }),
    backendRef: { ...backendRef, weight: 1 },
  };
  return { type: 'RequestMirror', requestMirror };
}
