import test from 'ava';
import type { MetricAnswer } from '../../canary/action.ts';
import type { Metric } from '../../canary/spec.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createMetricChecker } from '../../worker/metrics/check.ts';
import type { MetricChecker } from '../../worker/metrics/check.ts';
import { createPrometheusProvider } from '../../worker/metrics/prometheus.ts';
import { StageError } from '../../worker/metrics/stage-error.ts';
import { aCanary } from '../support/a-canary.ts';
import { aStep } from '../support/a-step.ts';
import { createLocalHttp } from '../support/local-http.ts';
import type { RealPrometheus } from '../support/real-prometheus.ts';
import { startRealPrometheus } from '../support/real-prometheus.ts';

const http = createLocalHttp();
const unaborted = (): AbortSignal => new AbortController().signal;

/** Of ten requests between two scrapes nine are answered, all within 50 to 100 ms; the primary's are all answered in no time. */
function metrics(scrape: number): string {
  const traffic = scrape + 1;
  return [
    ...envoy('mesh="default",envoy_cluster_name="podinfo-canary_test_svc_9898"', traffic, 'slow'),
    ...envoy('mesh="default",envoy_cluster_name="podinfo-primary_test_svc_9898"', traffic, 'perfect'),
    ...envoy('mesh="default",envoy_cluster_name="idle-canary_test_svc_9898"', 1, 'slow'),
    ...application('podinfo-7d9c5b8f6-x1y2z', traffic, 'slow'),
    ...application('podinfo-primary-7d9c5b8f6-x1y2z', traffic, 'perfect'),
    ...application('daemon-x1y2z', traffic, 'slow'),
    ...application('daemon-primary-x1y2z', traffic, 'perfect'),
    '',
  ].join('\n');
}

type Health = 'slow' | 'perfect';

const requests = (traffic: number, health: Health) => ({
  answered: health === 'slow' ? 9 * traffic : 10 * traffic,
  failed: health === 'slow' ? traffic : 0,
  fast: health === 'slow' ? 0 : 10 * traffic,
  all: 10 * traffic,
});

function envoy(labels: string, traffic: number, health: Health): string[] {
  const { answered, failed, fast, all } = requests(traffic, health);
  return [
    `envoy_cluster_upstream_rq{${labels},envoy_response_code="200"} ${answered}`,
    `envoy_cluster_upstream_rq{${labels},envoy_response_code="503"} ${failed}`,
    `envoy_cluster_upstream_rq_time_bucket{${labels},le="50"} ${fast}`,
    `envoy_cluster_upstream_rq_time_bucket{${labels},le="100"} ${all}`,
    `envoy_cluster_upstream_rq_time_bucket{${labels},le="+Inf"} ${all}`,
  ];
}

function application(pod: string, traffic: number, health: Health): string[] {
  const labels = `kubernetes_namespace="test",kubernetes_pod_name="${pod}"`;
  const { answered, failed, fast, all } = requests(traffic, health);
  return [
    `http_request_duration_seconds_count{${labels},status="200"} ${answered}`,
    `http_request_duration_seconds_count{${labels},status="500"} ${failed}`,
    `http_request_duration_seconds_bucket{${labels},le="0.05"} ${fast}`,
    `http_request_duration_seconds_bucket{${labels},le="0.1"} ${all}`,
    `http_request_duration_seconds_bucket{${labels},le="+Inf"} ${all}`,
  ];
}

let prometheus: RealPrometheus;
let checker: MetricChecker;

test.before(async () => {
  prometheus = await startRealPrometheus(metrics);
  const templates = {
    open: async () => {
      throw new StageError('template', 'there are none');
    },
  };
  checker = createMetricChecker({ http, log: silentLogger, defaultMetricsServer: prometheus.url, templates });
  await waitFor({
    what: 'values over time',
    seconds: 30,
    look: async () => ((await ask('kuma', 'request-success-rate')).kind === 'value' ? true : undefined),
  });
});
test.after.always(() => prometheus.close());

const metric = (name: string, query?: string): Metric => ({
  name,
  interval: '10s',
  templateVariables: {},
  ...(query === undefined ? {} : { query }),
});

interface Subject {
  readonly name?: string;
  readonly kind?: string;
}

function ask(provider: string, name: string, { name: target = 'podinfo', kind = 'Deployment' }: Subject = {}) {
  const spec = { provider, targetRef: { apiVersion: 'apps/v1', kind, name: target } };
  return checker.query(aStep(aCanary({ name: target, spec })), metric(name), 'builtin');
}

const inline = (query: string): Promise<MetricAnswer> =>
  checker.query(aStep(aCanary()), metric('inline', query), 'query');

/** Rates of equal series are extrapolated equally, so their ratios are exact but for rounding. */
const isAbout = (answer: MetricAnswer, value: number): boolean =>
  answer.kind === 'value' && Math.abs(answer.value - value) < 1e-6;

test.serial('the built-in queries of kuma measure the canary and nothing else', async (t) => {
  const rate = await ask('kuma', 'request-success-rate');
  t.true(isAbout(rate, 90), JSON.stringify(rate));
  t.deepEqual(await ask('kuma', 'request-duration'), { kind: 'value', value: 99 });
});

test.serial('the built-in http queries measure the pods of the canary and nothing else', async (t) => {
  const rate = await ask('kubernetes', 'request-success-rate');
  t.true(isAbout(rate, 90), JSON.stringify(rate));
  t.deepEqual(await ask('gatewayapi:v1', 'request-duration'), { kind: 'value', value: 99 });
});

test.serial('the built-in http queries measure the pods of a DaemonSet and not those of its primary', async (t) => {
  const daemon = { name: 'daemon', kind: 'DaemonSet' };
  const rate = await ask('kubernetes', 'request-success-rate', daemon);
  t.true(isAbout(rate, 90), JSON.stringify(rate));
  t.deepEqual(await ask('kubernetes', 'request-duration', daemon), { kind: 'value', value: 99 });
});

test.serial('a canary without requests, or one that nobody has heard of, has no values', async (t) => {
  const none: MetricAnswer = { kind: 'noValues', detail: 'running query failed: no values found' };
  t.deepEqual(await ask('kuma', 'request-success-rate', { name: 'idle' }), none);
  t.deepEqual(await ask('kuma', 'request-duration', { name: 'idle' }), none);
  t.deepEqual(await ask('kuma', 'request-success-rate', { name: 'unheard-of' }), none);
});

test.serial('vectors and scalars are values, ranges and infinity are mistakes', async (t) => {
  t.deepEqual(await inline('vector(3)'), { kind: 'value', value: 3 });
  t.deepEqual(await inline('scalar(vector(4))'), { kind: 'value', value: 4 });
  t.deepEqual(await inline('vector(1e6)'), { kind: 'value', value: 1e6 });
  t.like(await inline('envoy_cluster_upstream_rq[5s]'), { kind: 'invalid', detail: 'query returned multiple values' });
  t.like(await inline('vector(1) / 0'), { kind: 'invalid', detail: 'expected a finite number, got +Inf' });
  t.like(await inline('vector(0) / 0'), { kind: 'noValues' });
});

test.serial('a query with a mistake is told in the words of Prometheus', async (t) => {
  const answer = await inline('sum(rate(x[{{ interval }}])');
  t.like(answer, { kind: 'invalid', stage: 'query' });
  t.regex(
    'detail' in answer ? answer.detail : '',
    /^error response: Status 400 Bad Request: .*unclosed left parenthesis/,
  );
  const badWindow = await checker.query(
    aStep(aCanary()),
    { ...metric('request-success-rate'), interval: '1min' },
    'builtin',
  );
  t.like(badWindow, { kind: 'invalid', stage: 'query' });
});

test.serial('a running Prometheus is available', async (t) => {
  const step = aStep(aCanary({ analysis: { metrics: [{ name: 'request-success-rate', threshold: 99 }] } }));
  t.deepEqual(await checker.observe(step), { kind: 'available' });
  const provider = createPrometheusProvider({ http, log: silentLogger, address: `${prometheus.url}/` });
  await t.notThrowsAsync(() => provider.isOnline(unaborted()));
});

test.serial('a Prometheus that was stopped makes checks impossible, not failed', async (t) => {
  await prometheus.stop();
  t.like(await ask('kuma', 'request-success-rate'), { kind: 'unavailable' });
  const step = aStep(aCanary({ analysis: { metrics: [{ name: 'request-success-rate', threshold: 99 }] } }));
  const observed = await checker.observe(step);
  t.regex('detail' in observed ? observed.detail : '', /^prometheus not avaiable: .*ECONNREFUSED/);
});
