import test from 'ava';
import type { CanaryOptions } from '../../support/a-canary.ts';
import { aCanary } from '../../support/a-canary.ts';
import { querySetOf } from '../../../worker/metrics/queries/select.ts';
import { renderTemplate } from '../../../worker/metrics/template.ts';
import { variablesOf } from '../../../worker/metrics/variables.ts';

type Name = 'request-success-rate' | 'request-duration';

const metric = { name: 'request-success-rate', interval: '1m', templateVariables: {} };

interface Routing {
  readonly throughKuma?: boolean;
  readonly route?: string;
}

function queryOf(options: CanaryOptions, name: Name, { throughKuma = false, route }: Routing = {}): string {
  const canary = aCanary(options);
  const template = querySetOf(canary, throughKuma)?.queries[name] ?? 'none';
  return renderTemplate(template, variablesOf(canary, metric, { mesh: 'default', route }))
    .replace(/\s+/g, ' ')
    .trim();
}

const provider = (of: string): CanaryOptions => ({ spec: { provider: of } });

test('the success rate of kuma counts the requests that clients sent to the canary', (t) => {
  const canary =
    'mesh=~"default|",envoy_cluster_name=~"podinfo-canary_test_svc_9898(-[0-9a-f]+)?|default_podinfo-canary_test_[^_]*_msvc_9898|kri_msvc_default_[^_]*_test_podinfo-canary_(http|9898)"';
  t.is(
    queryOf(provider('kuma'), 'request-success-rate'),
    `sum(rate(envoy_cluster_upstream_rq{${canary},envoy_response_code!~"5.."}[1m])) / sum(rate(envoy_cluster_upstream_rq{${canary}}[1m])) * 100`,
  );
  t.is(
    queryOf(provider('kuma:v3'), 'request-duration'),
    `histogram_quantile(0.99, sum(rate(envoy_cluster_upstream_rq_time_bucket{${canary}}[1m])) by (le))`,
  );
});

test('the queries of kuma are about the Service that the routes name, and not about the target', (t) => {
  const shop = { ...provider('kuma'), service: { name: 'shop' } };
  for (const name of ['request-success-rate', 'request-duration'] as const) {
    t.is(queryOf(shop, name), queryOf(provider('kuma'), name).replaceAll('podinfo', 'shop'));
  }
});

test('the queries of kuma select the canary under every naming scheme, and nothing else', (t) => {
  const pattern = /envoy_cluster_name=~"([^"]+)"/.exec(queryOf(provider('kuma'), 'request-duration'))?.[1] ?? '';
  const anchored = new RegExp(`^(?:${pattern})$`);
  const ours = [
    'podinfo-canary_test_svc_9898',
    'podinfo-canary_test_svc_9898-00112233445566ff',
    'default_podinfo-canary_test_east_msvc_9898',
    'kri_msvc_default_east_test_podinfo-canary_http',
    'kri_msvc_default__test_podinfo-canary_9898',
  ];
  const others = [
    'podinfo-primary_test_svc_9898',
    'podinfo_test_svc_9898',
    'podinfo-canary_prod_svc_9898',
    'podinfo-canary_test_svc_80',
    'shop-podinfo-canary_test_svc_9898',
    'default_podinfo-primary_test_east_msvc_9898',
    'kri_msvc_default_east_test_podinfo_http',
  ];
  t.deepEqual(
    ours.filter((name) => !anchored.test(name)),
    [],
  );
  t.deepEqual(
    others.filter((name) => anchored.test(name)),
    [],
  );
});

test('the http queries select the pods of the target', (t) => {
  const pods = 'kubernetes_namespace="test",kubernetes_pod_name=~"podinfo-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"';
  t.is(
    queryOf(provider('kubernetes'), 'request-success-rate'),
    `sum(rate(http_request_duration_seconds_count{${pods},status!~"5.*"}[1m])) / sum(rate(http_request_duration_seconds_count{${pods}}[1m])) * 100`,
  );
  t.is(
    queryOf(provider('gatewayapi:v1'), 'request-duration'),
    `histogram_quantile(0.99, sum(rate(http_request_duration_seconds_bucket{${pods}}[1m])) by (le))`,
  );
});

test('the http queries never select pods of the primary', (t) => {
  const podsOf = (kind: string): RegExp => {
    const spec = { provider: 'kubernetes', targetRef: { apiVersion: 'apps/v1', kind, name: 'podinfo' } };
    const query = queryOf({ spec }, 'request-duration');
    return new RegExp(`^(?:${/kubernetes_pod_name=~"([^"]+)"/.exec(query)?.[1] ?? ''})$`);
  };
  t.regex('podinfo-7d9c5b8f6-x1y2z', podsOf('Deployment'));
  t.notRegex('podinfo-primary-7d9c5b8f6-x1y2z', podsOf('Deployment'));
  t.regex('podinfo-x1y2z', podsOf('DaemonSet'));
  t.notRegex('podinfo-primary-x1y2z', podsOf('DaemonSet'));
});

test('a Gateway API route that Kuma carries out is watched by the queries of kuma', (t) => {
  t.is(
    queryOf(provider('gatewayapi:v1'), 'request-duration', { throughKuma: true }),
    queryOf(provider('kuma'), 'request-duration'),
  );
});

test('a provider without queries of its own gets none of another mesh', (t) => {
  t.is(querySetOf(aCanary(provider('smi:v1alpha1')), false), undefined);
  t.is(querySetOf(aCanary(provider('istio')), false), undefined);
});

test('templates see what the Canary says, and the target where it says nothing', (t) => {
  const spec = { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' } };
  const canary = aCanary({ name: 'release', spec, service: { name: 'shop', portName: 'grpc' } });
  t.deepEqual(variablesOf(canary, { ...metric, interval: '30s', templateVariables: { a: 'b' } }, { mesh: 'east' }), {
    texts: {
      name: 'release',
      namespace: 'test',
      target: 'podinfo',
      service: 'shop',
      ingress: 'podinfo',
      route: 'podinfo',
      interval: '30s',
      mesh: 'east',
      port: '9898',
      portName: 'grpc',
    },
    variables: { a: 'b' },
  });
});

test('the queries of knative watch the revision that is analysed', (t) => {
  const revision = 'envoy_cluster_name=~"test/podinfo-00002"';
  const spec = {
    provider: 'knative',
    targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' },
  };
  t.is(
    queryOf({ spec }, 'request-success-rate', { route: 'podinfo-00002' }),
    `sum(rate(envoy_cluster_upstream_rq{${revision},envoy_response_code!~"5.*"}[1m])) / sum(rate(envoy_cluster_upstream_rq{${revision}}[1m])) * 100`,
  );
  t.is(
    queryOf({ spec }, 'request-duration', { route: 'podinfo-00002' }),
    `histogram_quantile(0.99, sum(rate(envoy_cluster_upstream_rq_time_bucket{${revision}}[1m])) by (le))`,
  );
});

for (const of of ['kubernetes', 'kuma', 'gatewayapi:v1'] as const) {
  test(`a Service as a target is watched with the queries of ${of}, as a Deployment is`, (t) => {
    const spec = { provider: of, targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } };
    t.is(queryOf({ spec }, 'request-success-rate'), queryOf(provider(of), 'request-success-rate'));
    t.not(queryOf({ spec }, 'request-success-rate'), 'none');
  });
}
