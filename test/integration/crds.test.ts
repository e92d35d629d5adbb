import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import type { CanaryStatus, Run } from '../../canary/canary.ts';
import { parseCanary } from '../../canary/parse.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import { validateCanary } from '../../canary/validate.ts';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import {
  alertProviders,
  canaries,
  customResourceDefinitions,
  metricTemplates,
  type Resource,
} from '../../platform/kubernetes/resources.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { complaint, installAviaryDefinitions, stored } from '../support/aviary-definitions.ts';
import { accepted, invalid } from '../support/canary-cases.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';

const manifests = new URL('../../../manifests/', import.meta.url);

async function documents(file: string): Promise<KubernetesObject[]> {
  const text = await readFile(new URL(file, manifests), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

let light: LightClient;

test.before(async () => {
  light = await startLightClient();
  await installAviaryDefinitions(light.user);
  await light.namespace('test');
});
test.after.always(() => light.close());

const create = (resource: Resource, object: KubernetesObject) => stored(light.user, resource, object);

interface Definition {
  readonly columns: readonly unknown[];
  readonly policy: string | undefined;
  readonly categories: unknown;
}

async function definitionOf(name: string): Promise<Definition> {
  const definition = await light.user.get(customResourceDefinitions, { name });
  const columns = arrayAt(definition, 'spec', 'versions', 0, 'additionalPrinterColumns');
  return {
    columns: columns.map((column) => valueAt(column, 'name')),
    policy: definition.metadata.annotations?.['helm.sh/resource-policy'],
    categories: valueAt(definition, 'spec', 'names', 'categories'),
  };
}

test('the definitions have the columns of the reference in its order, and outlive the chart that brought them', async (t) => {
  const common = { policy: 'keep', categories: ['all'] };
  const columns = [
    ['Status', 'Weight', 'Suspended', 'FailedChecks', 'Interval'],
    ['Mirror', 'StepWeight', 'StepWeights', 'MaxWeight', 'LastTransitionTime'],
  ].flat();
  t.deepEqual(await definitionOf('canaries.flagger.app'), { ...common, columns });
  t.deepEqual(await definitionOf('metrictemplates.flagger.app'), { ...common, columns: ['Provider'] });
  t.deepEqual(await definitionOf('alertproviders.flagger.app'), { ...common, columns: ['Type'] });
});

test('the example is taken as it is, has no problems and says nothing that has to be warned of', async (t) => {
  const objects = await documents('examples/podinfo.yaml');
  t.deepEqual(
    objects.map(({ kind }) => kind),
    ['Namespace', 'Deployment', 'HorizontalPodAutoscaler', 'Canary'],
  );
  const example = objects.at(-1) as KubernetesObject;
  t.is(example.metadata.namespace, 'test');
  const created = await light.user.create(canaries, example);
  t.deepEqual(created['spec'], example['spec']);
  const parsed = parseCanary(created, { defaultProvider: 'kubernetes' });
  t.true(parsed.ok, JSON.stringify(parsed));
  if (!parsed.ok) return;
  t.deepEqual(parsed.warnings, []);
  t.deepEqual(validateCanary(parsed.canary, { allowedNamespaces: [] }), []);
  t.like(parsed.canary.spec.analysis, { intervalMs: 30_000, threshold: 5, maxWeight: 50, stepWeight: 5 });
  t.is(parsed.canary.spec.progressDeadlineMs, 60_000);
});

const time = '2026-01-02T03:04:05Z';
const run: Required<Run> = {
  id: '0123456789ab',
  lastStepTime: '2026-01-02T03:04:05.678Z',
  lastSlot: 59_012_345,
  waitingSince: time,
  deadline: time,
  drainingSince: time,
  sizing: { replicas: 6, own: 3, since: time },
  steady: { canary: 3, primary: 4 },
  decision: { kind: 'rollback', cause: 'FailedChecks' },
  checkErrors: 2,
  mirrored: true,
  owed: 'Failed',
  said: ['once'],
};
const status: Required<CanaryStatus> = {
  phase: 'Progressing',
  failedChecks: 1,
  canaryWeight: 15,
  iterations: 3,
  previousSessionAffinityCookie: 'a=1',
  sessionAffinityCookie: 'b=2',
  primarySessionAffinityCookie: 'c=3',
  trackedConfigs: { 'configmap/podinfo': '484637c76acaa7c6' },
  lastAppliedSpec: 'v1-0123456789abcdef',
  lastPromotedSpec: 'v1-fedcba9876543210',
  lastTransitionTime: time,
  conditions: [
    {
      type: 'Promoted',
      status: 'Unknown',
      reason: 'Progressing',
      message: 'm',
      lastUpdateTime: time,
      lastTransitionTime: time,
    },
  ],
  observedGeneration: 4,
  run,
  outbox: [
    { kind: 'event', id: 'e', type: 'Warning', message: 'm', phase: 'Progressing', checksum: '55877b9d78' },
    { kind: 'alert', id: 'a', severity: 'error', message: 'm', withMetadata: false },
    { kind: 'count', id: 'c', outcome: 'failure', analysis: 'skipped' },
  ],
};

test('every field of our status is kept by the API server', async (t) => {
  const created = await create(canaries, aCanaryObject({ name: 'status' }));
  await light.user.replaceStatus(canaries, { ...(created as KubernetesObject), status });
  const live = await light.user.get(canaries, { namespace: 'test', name: 'status' });
  t.deepEqual(live['status'], status as unknown);
  t.deepEqual(parseStatus(live['status']), status);
});

test('a status as the reference leaves it is kept, and can be read', async (t) => {
  const left = {
    phase: 'WaitingPromotion',
    iterations: -1,
    canaryWeight: 0,
    failedChecks: 0,
    lastAppliedSpec: '4cb74184589',
  };
  const created = await create(canaries, aCanaryObject({ name: 'taken-over' }));
  const { status: kept } = await light.user.replaceStatus(canaries, { ...(created as KubernetesObject), status: left });
  t.deepEqual(kept, left);
  t.like(parseStatus(kept), { phase: 'WaitingPromotion', iterations: 0, lastAppliedSpec: '4cb74184589' });
});

for (const [name, options] of Object.entries(accepted)) {
  test(`a Canary with ${name.replaceAll('-', ' ')} is taken, as by the reference`, async (t) => {
    const object = aCanaryObject({ name, ...options });
    const created = await create(canaries, object);
    t.is(typeof created, 'object', complaint(created));
    t.like((created as KubernetesObject)['spec'], JSON.parse(JSON.stringify(object['spec'])) as object);
  });
}

test('references to gateways get the defaults of the Gateway API', async (t) => {
  const options = {
    name: 'gateways',
    spec: { provider: 'gatewayapi' },
    service: { gatewayRefs: [{ name: 'public' }] },
  };
  const created = await create(canaries, aCanaryObject(options));
  t.deepEqual(valueAt(created, 'spec', 'service', 'gatewayRefs'), [
    { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' },
  ]);
});

for (const [index, [title, options, message]] of invalid.entries()) {
  test(`a Canary with ${title} is told what was expected, what it has and where`, async (t) => {
    const created = await create(canaries, aCanaryObject({ name: `invalid-${index}`, ...options }));
    t.regex(typeof created === 'string' ? created : complaints(created).join('\n'), message);
  });
}

function complaints(object: KubernetesObject): readonly string[] {
  const parsed = parseCanary(object, { defaultProvider: 'kuma' });
  const problems = parsed.ok ? validateCanary(parsed.canary, { allowedNamespaces: [] }) : parsed.problems;
  return problems.map((problem) => problem.message);
}

const custom = (kind: string, name: string, spec: object): KubernetesObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind,
  metadata: { name },
  spec,
});

test('an AlertProvider may have an address, a Secret or both, and needs one', async (t) => {
  const secretRef = { name: 'slack' };
  const address = 'https://hooks.test/1';
  const made = (name: string, spec: object) =>
    create(alertProviders, custom('AlertProvider', name, { type: 'slack', ...spec }));
  for (const [name, spec] of Object.entries({
    address: { address },
    secret: { secretRef },
    both: { address, secretRef },
  })) {
    t.like(await made(name, spec), { spec: { type: 'slack', ...spec } });
  }
  t.regex(complaint(await made('neither', {})), /spec\.address: Required value/);
  t.regex(complaint(await made('fax', { address, type: 'fax' })), /spec\.type: Unsupported value: "fax"/);
});

test('a MetricTemplate needs a known provider and a query', async (t) => {
  const made = (name: string, spec: object) => create(metricTemplates, custom('MetricTemplate', name, spec));
  const provider = {
    type: 'prometheus',
    address: 'http://prometheus.test',
    headers: { 'X-Scope': ['a'] },
    secretRef: { name: 'a' },
  };
  t.like(await made('whole', { provider, query: 'up' }), { spec: { provider, query: 'up' } });
  t.regex(
    complaint(await made('unknown', { provider: { type: 'oracle' }, query: 'up' })),
    /spec\.provider\.type: Unsupported value/,
  );
  t.regex(complaint(await made('silent', { provider })), /spec\.query: Required value/);
});
