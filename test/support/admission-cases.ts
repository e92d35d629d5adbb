/** Canaries that the API server refuses by a rule between fields, each beside the next one that it takes. */
import type { CanaryOptions } from './a-canary.ts';

type Options = Pick<CanaryOptions, 'spec' | 'service' | 'analysis'>;

export interface AdmissionCase {
  readonly what: string;
  readonly refused: Options;
  /** Where the API server says that the mistake is, how it calls it, and the rule's own words. */
  readonly answer: string;
  /** The same object with the mistake mended, or meant otherwise. */
  readonly taken: readonly Options[];
}

const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' };
const plainService = { apiVersion: 'v1', kind: 'Service', name: 'podinfo' };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
const scaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' };
const route = { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'podinfo' };
const gatewayRefs = [{ name: 'public' }];
const cookie = 'biscuit';
const bounds = (kind: string, minReplicas: number, maxReplicas: number): Options => ({
  spec: { autoscalerRef: { ...scaler, kind, primaryScalerReplicas: { minReplicas, maxReplicas } } },
});
const mirror = (backendRef: object): Options => ({
  spec: { provider: 'gatewayapi:v1' },
  service: { gatewayRefs, mirror: [{ backendRef }] },
});
const affinity = (names: object): Options => ({ analysis: { sessionAffinity: names } });
const noPort = 'expected an integer from 1 to 65535, got';

export const admissionCases: readonly AdmissionCase[] = [
  {
    what: 'a Knative target with another provider',
    refused: { spec: { provider: 'kuma', targetRef: knative } },
    answer: `spec.provider: Invalid value: "object": can't use kuma provider with Knative Service as target`,
    taken: [
      { spec: { provider: 'knative', targetRef: knative } },
      { spec: { provider: undefined, targetRef: knative } },
      { spec: { provider: 'kuma', targetRef: plainService } },
    ],
  },
  {
    what: 'the provider knative with another target',
    refused: { spec: { provider: 'knative', targetRef: deployment } },
    answer: "can't use apps/v1/Deployment as target if provider is set to knative",
    taken: [{ spec: { provider: undefined, targetRef: deployment } }],
  },
  {
    what: 'a Knative target with an autoscaler',
    refused: { spec: { provider: 'knative', targetRef: knative, autoscalerRef: scaler } },
    answer: "can't use autoscaler with Knative Service",
    taken: [{ spec: { autoscalerRef: scaler } }],
  },
  {
    what: 'a provider of the Gateway API without gatewayRefs',
    refused: { spec: { provider: 'gatewayapi:v1' } },
    answer:
      'spec.service.gatewayRefs: Required value: GatewayRefs must be specified when using Gateway API as a provider.',
    taken: [{ spec: { provider: 'gatewayapi:v1' }, service: { gatewayRefs } }, { spec: { provider: undefined } }],
  },
  {
    what: 'empty gatewayRefs',
    refused: { spec: { provider: 'gatewayapi' }, service: { gatewayRefs: [] } },
    answer: 'GatewayRefs must be specified when using Gateway API as a provider.',
    taken: [{ spec: { provider: 'kuma' }, service: { gatewayRefs: [] } }],
  },
  {
    what: 'no service',
    refused: { spec: { service: undefined } },
    answer: `spec.service: Required value: spec.service.port: ${noPort} nothing`,
    taken: [{ spec: { provider: 'knative', targetRef: knative, service: undefined } }],
  },
  {
    what: 'a port beyond all ports',
    refused: { service: { port: 70_000 } },
    answer: `spec.service.port: ${noPort} more`,
    taken: [{ service: { port: 65_535 } }, { spec: { provider: 'knative', targetRef: knative, service: { port: 0 } } }],
  },
  {
    what: 'a port that is no integer',
    refused: { service: { port: 80.5 } },
    answer: `spec.service.port: ${noPort} a fraction`,
    taken: [{ service: { port: 1 } }],
  },
  {
    what: 'a port that is no port by far',
    refused: { service: { port: 1e30 } },
    answer: `spec.service.port: ${noPort} more`,
    taken: [{ service: { port: 80 } }],
  },
  {
    what: 'nginx without an Ingress',
    refused: { spec: { provider: 'nginx' } },
    answer:
      'spec.ingressRef: Required value: spec.ingressRef: expected an object with apiVersion, kind and name, because provider nginx copies it, got nothing',
    taken: [{ spec: { provider: 'nginx', ingressRef: ingress } }],
  },
  {
    what: 'skipper without an Ingress',
    refused: { spec: { provider: 'skipper' } },
    answer:
      'spec.ingressRef: expected an object with apiVersion, kind and name, because provider skipper copies it, got nothing',
    taken: [{ spec: { provider: 'skipper', ingressRef: ingress } }],
  },
  {
    what: 'apisix without a route',
    refused: { spec: { provider: 'apisix' } },
    answer:
      'spec.routeRef: expected an object with apiVersion, kind and name, because provider apisix copies it, got nothing',
    taken: [{ spec: { provider: 'apisix', routeRef: route } }],
  },
  {
    what: 'more pods at least than at most',
    refused: bounds('HorizontalPodAutoscaler', 5, 2),
    answer: 'spec.autoscalerRef.primaryScalerReplicas: expected minReplicas of at most maxReplicas, got more',
    taken: [bounds('HorizontalPodAutoscaler', 2, 2), bounds('ScaledObject', 5, 2)],
  },
  {
    what: 'a copy for a Service without its port',
    refused: mirror({ name: 'copy' }),
    answer:
      'spec.service.mirror[0].backendRef.port: Required value: spec.service.mirror[].backendRef.port: expected a port',
    taken: [
      mirror({ name: 'copy', port: 80 }),
      mirror({ name: 'copy', group: 'multicluster.x-k8s.io', kind: 'ServiceImport' }),
    ],
  },
  {
    what: 'one name for both cookies',
    refused: affinity({ cookieName: cookie, primaryCookieName: cookie }),
    answer: "can't use the same cookie name for both primary and cookie name; please update them to be different",
    taken: [affinity({ cookieName: cookie, primaryCookieName: 'rusk' }), affinity({ cookieName: cookie })],
  },
];
