/**
 * Specs that the reference's definitions take: every field, every value of every enumeration, every shape. Written from
 * the specification of the objects. Many of them ask for what no provider of ours can do; stored they must be all the same.
 */
import { wholeAnalysis, wholeService } from './reference-fields.ts';

type Spec = Readonly<Record<string, unknown>>;

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' };
const byWeight = { interval: '1m', threshold: 5, stepWeight: 10 };
const small: Spec = { targetRef: deployment, service: { port: 9898 }, analysis: byWeight };

const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' };
const routeRef = { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'podinfo' };
const upstreamRef = { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'podinfo', namespace: 'gloo' };
const scalerRef = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  name: 'podinfo',
  primaryScalerQueries: { cpu: 'sum(up)' },
  primaryScalerReplicas: { minReplicas: 2, maxReplicas: 5 },
};

const wholeCanary: Spec = {
  provider: 'istio',
  metricsServer: 'http://prometheus.test',
  targetRef: deployment,
  autoscalerRef: scalerRef,
  ingressRef,
  routeRef,
  upstreamRef,
  service: wholeService,
  analysis: wholeAnalysis,
  progressDeadlineSeconds: 60,
  skipAnalysis: true,
  revertOnDeletion: true,
  suspend: true,
};

const providers: Readonly<Record<string, Spec>> = {
  apisix: { routeRef },
  appmesh: {},
  'appmesh:v1beta2': {},
  contour: {},
  'gatewayapi:v1': { service: { port: 80, gatewayRefs: [{ name: 'public' }] } },
  'gatewayapi:v1beta1': { service: { port: 80, gatewayRefs: [{ name: 'public' }] } },
  gloo: { upstreamRef },
  istio: {},
  knative: { targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } },
  kubernetes: {},
  kuma: {},
  linkerd: {},
  nginx: { ingressRef },
  osm: {},
  skipper: { ingressRef },
  'smi:v1alpha1': {},
  'smi:v1alpha2': {},
  'smi:v1alpha3': {},
  traefik: {},
};

const hookTypes = [
  ['', 'confirm-rollout', 'pre-rollout', 'rollout', 'confirm-traffic-increase'],
  ['confirm-promotion', 'post-rollout', 'rollback', 'event'],
].flat();

const withService = (fields: object): Spec => ({ ...small, service: { port: 9898, ...fields } });
const withAnalysis = (fields: object): Spec => ({ ...small, analysis: { ...byWeight, ...fields } });
const onlyAnalysis = (fields: object): Spec => ({ ...small, analysis: { interval: '1m', threshold: 5, ...fields } });
const affinity = (sameSite: string): Spec => withAnalysis({ sessionAffinity: { cookieName: 'a', sameSite } });

/** Specs of Canaries, by what they show. */
export const canarySpecs: Readonly<Record<string, Spec>> = {
  everything: wholeCanary,
  little: small,
  'shape-iterations': onlyAnalysis({ iterations: 10 }),
  'shape-step-weight': onlyAnalysis({ stepWeight: 10 }),
  'shape-step-weights': onlyAnalysis({ stepWeights: [1, 10, 50] }),
  ...Object.fromEntries(
    Object.entries(providers).map(([provider, needs]) => [
      `provider-${provider.replace(':', '-')}`,
      { ...small, provider, ...needs },
    ]),
  ),
  'target-daemonset': { ...small, targetRef: { ...deployment, kind: 'DaemonSet' } },
  'target-service': { ...small, targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } },
  'target-without-service': {
    targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' },
    provider: 'knative',
    analysis: byWeight,
  },
  'scaler-hpa': {
    ...small,
    autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
  },
  'target-port-number': withService({ targetPort: 8080 }),
  'target-port-zero': withService({ targetPort: 0 }),
  'target-port-digits': withService({ targetPort: '8080' }),
  'prefer-zone': withService({ trafficDistribution: 'PreferSameZone' }),
  'prefer-node': withService({ trafficDistribution: 'PreferSameNode' }),
  'same-site-lax': affinity('Lax'),
  'same-site-none': affinity('None'),
  intervals: withAnalysis({
    interval: '1m30s',
    metrics: ['500ms', '1min', '10s', '100m'].map((interval) => ({ name: interval, interval })),
  }),
  severities: withAnalysis({
    alerts: ['', 'info', 'warn', 'error'].map((severity) => ({ name: 'a', severity, providerRef: { name: 'b' } })),
  }),
  hooks: withAnalysis({ webhooks: hookTypes.map((type) => ({ name: 'a', type, url: 'http://hook.test/' })) }),
  'hook-of-any-address': withAnalysis({ webhooks: [{ name: 'a', url: 'loadtester', timeout: '0s' }] }),
  'steps-of-nothing': onlyAnalysis({ stepWeight: 0 }),
  'weights-that-fall': onlyAnalysis({ stepWeights: [20, 10, 0.5] }),
  'weights-of-none': onlyAnalysis({ stepWeights: [] }),
  'more-than-all': withAnalysis({ maxWeight: 200, mirrorWeight: -1, primaryReadyThreshold: 1000 }),
  'negative-numbers': { ...withAnalysis({ threshold: -1, stepWeight: -5 }), progressDeadlineSeconds: -5.5 },
  'a-mirror-while-weights-move': withAnalysis({ mirror: true }),
  'a-b-without-match-support': {
    ...onlyAnalysis({ iterations: 1, match: [{ headers: { a: { exact: 'b' } } }] }),
    provider: 'linkerd',
  },
  'a-template-of-elsewhere': withAnalysis({ metrics: [{ name: 'a', templateRef: { name: 'b', namespace: 'c' } }] }),
  'keda-bounds-crossed': {
    ...small,
    autoscalerRef: { ...scalerRef, primaryScalerReplicas: { minReplicas: 5, maxReplicas: 2 } },
  },
};

const secretRef = { name: 'credentials' };
const address = 'https://api.test';
const metricProviders: Readonly<Record<string, object>> = {
  prometheus: { address, headers: { 'X-Scope-OrgID': ['a', 'b'] }, secretRef, insecureSkipVerify: true },
  influxdb: { address, secretRef },
  datadog: { secretRef },
  externalmetrics: {},
  stackdriver: { secretRef },
  cloudwatch: { region: 'eu-west-1' },
  newrelic: { address, secretRef },
  graphite: { address },
  dynatrace: { address, secretRef },
  keptn: {},
  splunk: { address, secretRef },
};

/** Specs of MetricTemplates, by the type of their provider. */
export const metricTemplateSpecs: Readonly<Record<string, Spec>> = Object.fromEntries(
  Object.entries(metricProviders).map(([type, fields]) => [
    type,
    { provider: { type, ...fields }, query: '{{ target }}' },
  ]),
);

/** Specs of AlertProviders, by their type. */
export const alertProviderSpecs: Readonly<Record<string, Spec>> = {
  slack: { type: 'slack', address, channel: 'releases', username: 'aviary', proxy: 'http://proxy.test:3128' },
  msteams: { type: 'msteams', address },
  discord: { type: 'discord', secretRef },
  rocket: { type: 'rocket', address },
  gchat: { type: 'gchat', secretRef },
};
