/**
 * Rules between the fields of a Canary's spec that the API server checks.
 *
 * Only what the reference never brings past its first step may stand here; all else is stored and told by a condition
 * (docs/decisions, on definitions from zod). A rule about the provider holds only where the Canary names it: the default is the operator's.
 * Texts are those of `validate.ts` and `parse.ts`, where the same is checked at every step.
 */
import type { AdmissionRule } from './meta.ts';

const isKnativeTarget = "self.targetRef.kind == 'Service' && self.targetRef.apiVersion == 'serving.knative.dev/v1'";

const knativeTarget: AdmissionRule = {
  rule: `!has(self.provider) || self.provider == 'knative' || !(${isKnativeTarget})`,
  message: "can't use this provider with Knative Service as target",
  messageExpression: `"can't use " + self.provider + " provider with Knative Service as target"`,
  fieldPath: '.provider',
};

const knativeProvider: AdmissionRule = {
  rule: `!has(self.provider) || self.provider != 'knative' || (${isKnativeTarget})`,
  message: "can't use this target if provider is set to knative",
  messageExpression:
    `"can't use " + self.targetRef.apiVersion + "/" + self.targetRef.kind + ` +
    '" as target if provider is set to knative"',
  fieldPath: '.targetRef',
};

const knativeScaler: AdmissionRule = {
  rule: `!has(self.autoscalerRef) || !(${isKnativeTarget})`,
  message: "can't use autoscaler with Knative Service",
  fieldPath: '.autoscalerRef',
  reason: 'FieldValueForbidden',
};

const gateways: AdmissionRule = {
  rule:
    "!has(self.provider) || !self.provider.startsWith('gatewayapi') || " +
    '(has(self.service) && has(self.service.gatewayRefs) && size(self.service.gatewayRefs) > 0)',
  message: 'GatewayRefs must be specified when using Gateway API as a provider.',
  fieldPath: '.service.gatewayRefs',
  reason: 'FieldValueRequired',
};

/** A target of kind Service brings its own ports. */
const service: AdmissionRule = {
  rule: "has(self.service) || self.targetRef.kind == 'Service'",
  message: 'spec.service.port: expected an integer from 1 to 65535, got nothing',
  fieldPath: '.service',
  reason: 'FieldValueRequired',
};

const port: AdmissionRule = {
  rule:
    "!has(self.service) || self.targetRef.kind == 'Service' || (self.service.port >= 1.0 && " +
    'self.service.port <= 65535.0 && double(int(self.service.port)) == self.service.port)',
  message: 'spec.service.port: expected an integer from 1 to 65535',
  // The text of a number has no bound that the API server knows, and such an expression costs too much for it.
  messageExpression:
    "'spec.service.port: expected an integer from 1 to 65535, got ' + (self.service.port < 1.0 ? 'less' : " +
    "self.service.port > 65535.0 ? 'more' : 'a fraction')",
  fieldPath: '.service.port',
};

/** What a provider copies has to be named. */
const copied = (providers: readonly string[], field: 'ingressRef' | 'routeRef'): AdmissionRule => ({
  rule:
    `!has(self.provider) || !(self.provider in [${providers.map((name) => `'${name}'`).join(', ')}]) || ` +
    `(has(self.${field}) && self.${field}.name != '')`,
  message: `spec.${field}: expected an object with apiVersion, kind and name, got nothing`,
  messageExpression:
    `"spec.${field}: expected an object with apiVersion, kind and name, because provider " + ` +
    `self.provider + " copies it, got nothing"`,
  fieldPath: `.${field}`,
  reason: 'FieldValueRequired',
});

export const specRules: readonly AdmissionRule[] = [
  knativeTarget,
  knativeProvider,
  knativeScaler,
  gateways,
  service,
  port,
  copied(['nginx', 'skipper'], 'ingressRef'),
  copied(['apisix'], 'routeRef'),
];
