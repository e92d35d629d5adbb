/**
 * What a parsed Canary may not ask for: pure checks that run at every step, before anything is read or written.
 *
 * Rules and texts: canary-api.md section 7.
 */
import { capabilitiesOf, supportedProviders, type Capabilities } from './capabilities.ts';
import { type Canary } from './canary.ts';
import { corsProblems } from './parse-cors.ts';
import { strategyOf, type NamespacedRef } from './spec.ts';
import { affinityProblems } from './validate-affinity.ts';
import { matcherRefusals } from './validate-match.ts';
import { routeProblems } from './validate-route.ts';

export type RefusalReason = 'InvalidSpec' | 'ProviderUnsupported' | 'TargetConflict';

/** Why nothing is done for a Canary until somebody changes it; reason and message of its Stalled condition. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
}

export interface ValidationOptions {
  /** Namespaces that references may name beside the Canary's own; `*` stands for all. */
  readonly allowedNamespaces: readonly string[];
}

type Check = (canary: Canary, options: ValidationOptions) => readonly Refusal[];

const checks: readonly Check[] = [
  blockedReferences,
  knativeMismatch,
  knativeScaler,
  equalCookieNames,
  missingGateways,
  missingStep,
  unknownRouter,
  unsupportedStrategy,
  unsupportedMirror,
  unsupportedService,
  unsupportedMatchers,
  (canary) => affinityProblems(canary).map(invalid),
  (canary) => routeProblems(canary).map(invalid),
  (canary) => (capabilitiesOf(canary.spec.provider)?.cors === true ? corsProblems(canary).map(invalid) : []),
];

/** All refusals of a Canary, in the order of canary-api.md; an empty list means that it may run. */
export function validateCanary(canary: Canary, options: ValidationOptions): readonly Refusal[] {
  return checks.flatMap((check) => check(canary, options));
}

const invalid = (message: string): Refusal => ({ reason: 'InvalidSpec', message });
const unsupported = (message: string): Refusal => ({ reason: 'ProviderUnsupported', message });

function blockedReferences(canary: Canary, { allowedNamespaces }: ValidationOptions): readonly Refusal[] {
  const { upstream, analysis } = canary.spec;
  const { metrics, alerts } = analysis;
  const isBlocked = ({ namespace }: NamespacedRef): boolean =>
    namespace !== canary.namespace && !allowedNamespaces.includes('*') && !allowedNamespaces.includes(namespace);
  const refusal = (kind: string, { name, namespace }: NamespacedRef): Refusal =>
    invalid(`can't access ${kind} ${name}.${namespace}, cross-namespace references are blocked`);
  const upstreams = upstream === undefined ? [] : [upstream].filter(isBlocked);
  const templates = metrics.flatMap(({ templateRef }) => templateRef ?? []).filter(isBlocked);
  const alertProviders = alerts.map(({ providerRef }) => providerRef).filter(isBlocked);
  return [
    ...upstreams.map((ref) => refusal('gloo upstream', ref)),
    ...templates.map((ref) => refusal('metric template', ref)),
    ...alertProviders.map((ref) => refusal('alert provider', ref)),
  ];
}

const isKnative = ({ spec }: Canary): boolean =>
  spec.target.kind === 'Service' && spec.target.apiVersion === 'serving.knative.dev/v1';

function knativeMismatch(canary: Canary): readonly Refusal[] {
  const { provider, target } = canary.spec;
  if (isKnative(canary) === (provider === 'knative')) return [];
  return isKnative(canary)
    ? [invalid(`can't use ${provider} provider with Knative Service as target`)]
    : [invalid(`can't use ${target.apiVersion}/${target.kind} as target if provider is set to knative`)];
}

function knativeScaler(canary: Canary): readonly Refusal[] {
  return isKnative(canary) && canary.spec.scaler ? [invalid("can't use autoscaler with Knative Service")] : [];
}

function equalCookieNames({ spec }: Canary): readonly Refusal[] {
  const affinity = spec.analysis.sessionAffinity;
  if (affinity === undefined || affinity.cookieName !== affinity.primaryCookieName) return [];
  return [
    invalid("can't use the same cookie name for both primary and cookie name; please update them to be different"),
  ];
}

function missingGateways({ spec }: Canary): readonly Refusal[] {
  if (!spec.provider.startsWith('gatewayapi') || spec.service.gatewayRefs.length > 0) return [];
  return [invalid('GatewayRefs must be specified when using Gateway API as a provider.')];
}

/** A weighted analysis that never moves would never end. */
function missingStep({ spec }: Canary): readonly Refusal[] {
  const { analysis, skipAnalysis } = spec;
  const moves = analysis.stepWeight > 0 || analysis.stepWeights.length > 0;
  if (skipAnalysis || strategyOf(analysis) !== 'canary' || moves) return [];
  return [
    invalid(
      'spec.analysis.stepWeight: expected an integer from 1 to 100, got 0: ' +
        'set stepWeight or stepWeights to shift traffic by weight, or iterations for Blue/Green',
    ),
  ];
}

function unknownRouter({ spec }: Canary): readonly Refusal[] {
  if (capabilitiesOf(spec.provider) !== undefined) return [];
  return [
    unsupported(`spec.provider: ${spec.provider} is not supported, expected one of ${supportedProviders.join(', ')}`),
  ];
}

function unsupportedStrategy({ spec }: Canary): readonly Refusal[] {
  const { provider, analysis, skipAnalysis } = spec;
  const can = capabilitiesOf(provider);
  if (can === undefined || skipAnalysis) return [];
  const refusals: Refusal[] = [];
  if (analysis.match.length > 0 && can.headers.length === 0) {
    refusals.push(unsupported(`provider ${provider} can't match requests: remove spec.analysis.match`));
  }
  if (analysis.sessionAffinity !== undefined && !can.sessionAffinity) {
    const others = supportedProviders.filter((one) => capabilitiesOf(one)?.sessionAffinity === true).join(', ');
    refusals.push(
      unsupported(
        `provider ${provider} can't keep users by cookies (${others} can): remove spec.analysis.sessionAffinity`,
      ),
    );
  }
  return refusals;
}

function unsupportedMirror({ spec }: Canary): readonly Refusal[] {
  const { provider, analysis, skipAnalysis } = spec;
  const can = capabilitiesOf(provider);
  if (can === undefined || skipAnalysis || !analysis.mirror) return [];
  const refusals: Refusal[] = [];
  if (strategyOf(analysis) === 'canary' && can.mirror !== 'any') {
    refusals.push(
      unsupported(
        `provider ${provider} can't mirror traffic while it is shifted by weight: use iterations, or remove spec.analysis.mirror`,
      ),
    );
  }
  if ((analysis.mirrorWeight ?? 100) !== 100 && !can.mirrorWeight) {
    refusals.push(unsupported(`provider ${provider} mirrors all requests or none: remove spec.analysis.mirrorWeight`));
  }
  return refusals;
}

function unsupportedService({ spec }: Canary): readonly Refusal[] {
  const { provider, service } = spec;
  const can = capabilitiesOf(provider);
  if (can === undefined) return [];
  const refusals: Refusal[] = [];
  if (!isRouted(service.appProtocol, can)) {
    const expected = typeof can.appProtocols === 'string' ? can.appProtocols : `one of ${can.appProtocols.join(', ')}`;
    refusals.push(
      unsupported(
        `provider ${provider} routes HTTP only, spec.service.appProtocol is ${service.appProtocol}: expected ${expected}`,
      ),
    );
  }
  if (!can.headless && service.headless) {
    refusals.push(unsupported(`provider ${provider} can't route to a headless Service: remove spec.service.headless`));
  }
  return refusals;
}

function isRouted(appProtocol: string | undefined, { appProtocols }: Capabilities): boolean {
  if (appProtocol === undefined || appProtocols === 'any') return true;
  return appProtocols === 'any but tcp' ? appProtocol.toLowerCase() !== 'tcp' : appProtocols.includes(appProtocol);
}

function unsupportedMatchers({ spec }: Canary): readonly Refusal[] {
  const can = capabilitiesOf(spec.provider);
  // Where nothing can be matched the whole match is refused, or dropped as for the kubernetes provider.
  if (can === undefined || can.headers.length === 0) return [];
  return [
    ...matcherRefusals({ matches: spec.service.match, path: 'spec.service.match', provider: spec.provider, can }),
    ...matcherRefusals({ matches: spec.analysis.match, path: 'spec.analysis.match', provider: spec.provider, can }),
  ].map(unsupported);
}
