import test from 'ava';
import { arrayAt, recordAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { readManifest } from '../../sandbox/story/example.ts';
import { gatewayPlane } from '../../sandbox/story/gateway-plane.ts';
import { parseCanary } from '../../canary/parse.ts';

const images = { aviary: 'aviary:test', programs: 'programs:test', envoy: 'envoy:test' };

async function exampleCanary(): Promise<KubernetesObject> {
  const objects = await readManifest(process.cwd(), 'examples/podinfo.yaml');
  const found = objects.find(({ kind }) => kind === 'Canary');
  if (found === undefined) throw new Error('expected a Canary in the example, found none');
  return found;
}

const deployments = gatewayPlane.objects(images).filter(({ kind }) => kind === 'Deployment');
const nameOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`;

test('the Canary hangs on the gateway and has nothing of Kuma left', async (t) => {
  const canary = gatewayPlane.canary(await exampleCanary());
  t.notRegex(JSON.stringify(canary), /kuma/);
  t.deepEqual(valueAt(canary, 'spec', 'service'), {
    port: 9898,
    targetPort: 9898,
    gatewayRefs: [{ name: 'public', namespace: 'projectcontour' }],
  });
});

test('the analysis of the example stays as it is', async (t) => {
  const example = await exampleCanary();
  const canary = gatewayPlane.canary(example);
  const without = (object: KubernetesObject): unknown => {
    const { provider: _provider, service: _service, ...spec } = recordAt(object, 'spec') ?? {};
    return spec;
  };
  t.deepEqual(without(canary), without(example));
});

test('annotations that are not of Kuma stay', (t) => {
  const canary = gatewayPlane.canary({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', annotations: { 'kuma.io/mesh': 'default', team: 'shop' } },
    spec: {
      service: { apex: { labels: { a: 'b' }, annotations: { '9898.service.kuma.io/protocol': 'http', c: 'd' } } },
    },
  });
  t.deepEqual(canary.metadata.annotations, { team: 'shop' });
  t.deepEqual(valueAt(canary, 'spec', 'service', 'apex'), { labels: { a: 'b' }, annotations: { c: 'd' } });
});

test('the rules of Aviary accept the Canary', async (t) => {
  const canary = gatewayPlane.canary(await exampleCanary());
  const object = { ...canary, metadata: { ...canary.metadata, uid: 'u', generation: 1 } };
  const parsed = parseCanary(object, { defaultProvider: 'kuma' });
  t.true(parsed.ok, JSON.stringify(parsed));
});

test('every Deployment that the story waits for is among the objects', (t) => {
  t.deepEqual(
    gatewayPlane.deployments.map(({ namespace, name }) => `${namespace}/${name}`).toSorted(),
    deployments.map(nameOf).toSorted(),
  );
});

test('every namespaced object of the gateway lies in its namespace, which comes first', (t) => {
  const [first, ...others] = gatewayPlane.objects(images);
  t.like(first, { kind: 'Namespace', metadata: { name: 'projectcontour' } });
  const namespaces = new Set(others.map(({ metadata }) => metadata.namespace));
  t.deepEqual(namespaces, new Set([undefined, 'projectcontour', 'aviary-system']));
});

test('Prometheus asks the address of the program that knows the pods', (t) => {
  const [job] = gatewayPlane.scrapeJobs('1s');
  const url = new URL(String(valueAt(arrayAt(job, 'http_sd_configs')[0], 'url')));
  const service = gatewayPlane
    .objects(images)
    .find(({ kind, metadata }) => kind === 'Service' && `${metadata.name}.${metadata.namespace}` === url.hostname);
  t.is(String(valueAt(service, 'spec', 'ports', 0, 'port')), url.port);
  t.is(valueAt(job, 'scrape_interval'), '1s');
});

const series: Readonly<Record<string, { name: string; path: string; stays: boolean }>> = {
  'requests of visitors': { name: 'http_request_duration_seconds_count', path: 'api_info', stays: true },
  'requests of the load test': { name: 'http_request_duration_seconds_bucket', path: 'root', stays: true },
  'questions of a readiness probe': { name: 'http_request_duration_seconds_count', path: 'readyz', stays: false },
  'questions of a liveness probe': { name: 'http_request_duration_seconds_bucket', path: 'healthz', stays: false },
  'other metrics': { name: 'go_goroutines', path: '', stays: true },
};
for (const [what, { name, path, stays }] of Object.entries(series)) {
  test(`the checks ${stays ? 'see' : 'do not see'} ${what}`, (t) => {
    const [rule] = arrayAt(gatewayPlane.scrapeJobs('1s')[0], 'metric_relabel_configs');
    t.like(rule, { source_labels: ['__name__', 'path'], action: 'drop' });
    // Prometheus joins the labels by semicolons and matches the whole text.
    t.is(!new RegExp(`^(?:${String(valueAt(rule, 'regex'))})$`).test(`${name};${path}`), stays);
  });
}

test('Contour follows the very Gateway that the Canary names', async (t) => {
  const objects = gatewayPlane.objects(images);
  const settings = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'contour');
  const gateway = objects.find(({ kind }) => kind === 'Gateway');
  const [ref] = arrayAt(gatewayPlane.canary(await exampleCanary()), 'spec', 'service', 'gatewayRefs');
  const { name, namespace } = gateway?.metadata ?? {};
  t.deepEqual(ref, { name, namespace });
  const text = String(valueAt(settings, 'data', 'contour.yaml'));
  t.regex(text, new RegExp(`gatewayRef:\\s+namespace: ${namespace}\\s+name: ${name}\\s`));
});
