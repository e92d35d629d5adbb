/** The HTTPRoute of a Canary. Pure. Rules: routers/gatewayapi.md. Defaults of the API are written out, so that an object equals itself. */
import { canaryServiceName, primaryServiceName, type Canary, type Weights } from '../../canary/canary.ts';
import { routeMatches } from '../../canary/request-match.ts';
import type { MirrorBackend } from '../../canary/spec.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, httpRoutesV1, httpRoutesV1beta1, type Resource } from '../../platform/kubernetes/resources.ts';
import { corsFilters } from './gatewayapi-cors.ts';
import { gatewayMatch } from './gatewayapi-match.ts';
import { withAffinity } from './gatewayapi-affinity.ts';
import type { OwnRule } from './gatewayapi-rule.ts';
import { serviceFilters } from './route-match.ts';
import { routeMetadata } from './route-metadata.ts';
import type { Routing } from './router.ts';

/** What differs between the two versions. */
export interface GatewayApiVersion {
  readonly resource: Resource;
  /** Whether rules have timeouts. */
  readonly hasTimeouts: boolean;
  /** Whether rules answer the questions of browsers (CORS). */
  readonly hasCors: boolean;
}

export const gatewayApiV1: GatewayApiVersion = { resource: httpRoutesV1, hasTimeouts: true, hasCors: true };
export const gatewayApiV1beta1: GatewayApiVersion = {
  resource: httpRoutesV1beta1,
  hasTimeouts: false,
  hasCors: false,
};

/** The HTTPRoute as it is when nobody but us writes it. */
export function httpRoute(canary: Canary, routing: Routing, version: GatewayApiVersion): KubernetesObject {
  const { service } = canary.spec;
  return {
    apiVersion: apiVersionOf(version.resource),
    kind: version.resource.kind,
    metadata: routeMetadata(canary),
    spec: {
      parentRefs: service.gatewayRefs.map((ref) => ({ ...ref })),
      hostnames: [...service.hosts],
      rules: ownRules(canary, routing, version).map(({ filters, isForCookie: _isForCookie, ...rule }) => ({
        ...rule,
        ...(filters.length === 0 ? {} : { filters }),
      })),
    },
  };
}

/**
 * Our rules: those of cookies, the cohort's, everybody's. All name both Services, which is how they are told from the
 * rules of others.
 */
export function ownRules(canary: Canary, routing: Routing, version: GatewayApiVersion): readonly OwnRule[] {
  const rules = plainRules(canary, routing, version);
  return routing.cookies === undefined ? rules : withAffinity(rules, canary, routing.cookies);
}

function plainRules(canary: Canary, weights: Weights, version: GatewayApiVersion): readonly OwnRule[] {
  const { cohort, service } = routeMatches(canary);
  const cors = version.hasCors ? corsFilters(canary) : [];
  const filters = [...serviceFilters(canary.spec.service), ...serviceMirrors(canary), ...cors];
  const mirror = weights.mirrored ? [mirrorTo(backendOf(canaryServiceName(canary), canary))] : [];
  const timeouts = version.hasTimeouts ? timeoutsOf(canary) : {};
  const rule = (matches: typeof service, shares: Weights, extra: readonly JsonRecord[]): OwnRule => ({
    matches: matches.map(gatewayMatch),
    filters: [...filters, ...extra],
    backendRefs: [
      backendRef(primaryServiceName(canary), canary, shares.primary),
      backendRef(canaryServiceName(canary), canary, shares.canary),
    ],
    ...timeouts,
  });
  if (cohort.length === 0) return [rule(service, weights, mirror)];
  return [rule(cohort, weights, mirror), rule(service, { primary: 100, canary: 0, mirrored: false }, [])];
}

const backendOf = (name: string, { spec }: Canary): MirrorBackend => ({
  group: '',
  kind: 'Service',
  name,
  port: spec.service.port,
});

const backendRef = (name: string, canary: Canary, weight: number): JsonRecord => ({
  ...backendOf(name, canary),
  weight,
});

const mirrorTo = (backend: MirrorBackend): JsonRecord => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: { ...backend } },
});

const serviceMirrors = ({ spec }: Canary): readonly JsonRecord[] => spec.service.mirror.map(mirrorTo);

function timeoutsOf({ spec }: Canary): Pick<OwnRule, 'timeouts'> {
  const { timeout, backendTimeout } = spec.service;
  if (timeout === undefined && backendTimeout === undefined) return {};
  return {
    timeouts: {
      ...(timeout === undefined ? {} : { request: timeout }),
      ...(backendTimeout === undefined ? {} : { backendRequest: backendTimeout }),
    },
  };
}
