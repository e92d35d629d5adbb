/** The components of the manifests: built by kustomize, taken by the real API server, their rules tried by promtool. */
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { arrayAt, numberAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { deployments, horizontalPodAutoscalers, scaledObjects } from '../../platform/kubernetes/resources.ts';
import { projectDirectory, readEnvironment } from '../../sandbox/environment.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { silent } from '../../sandbox/progress.ts';
import { run, runOrThrow } from '../../sandbox/run.ts';
import { autoscalerScenario } from '../support/autoscaler-scenario.ts';
import { install, prometheusDefinitions, scaledObjectDefinition } from '../support/definitions.ts';
import { kubectlOn } from '../support/kubectl.ts';
import { startLightClient } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';
import { ruleScenario } from '../support/rule-scenario.ts';

const manifests = join(projectDirectory, 'manifests');
const parts = createParts(readEnvironment(), silent);

let light: LightClient;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-manifests-'));
  light = await startLightClient();
  for (const definition of [await scaledObjectDefinition(), ...(await prometheusDefinitions())]) {
    await install(light.user, definition);
  }
});
test.after.always(async () => {
  await light?.close();
  await rm(folder, { recursive: true });
});

/** With what the comment of a component proposes. */
async function uncommentPatches(file: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/^# (patches:|  - |    patch:)/gm, '$1'));
}

/** What `kubectl apply -k manifests` would send with these components. */
async function built(
  components: readonly string[],
  prepare: (copy: string) => Promise<void> = async () => undefined,
): Promise<{ text: string; objects: readonly KubernetesObject[] }> {
  const copy = join(folder, components.join('-').replaceAll('/', '-'));
  await cp(manifests, copy, { recursive: true });
  await prepare(copy);
  await appendFile(join(copy, 'kustomization.yaml'), `\ncomponents: ${JSON.stringify(components)}\n`);
  const text = await kubectlOn(light, ['kustomize', copy]);
  return { text, objects: parseAllDocuments(text).map((one) => one.toJS() as KubernetesObject) };
}

/** Refused for a field that the API server does not know, or a value that it does not take. */
async function apply(text: string): Promise<void> {
  const file = join(folder, 'built.yaml');
  await writeFile(file, text);
  await kubectlOn(light, ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', file]);
}

const worker = { namespace: 'aviary-system', name: 'aviary-worker' };

for (const [component, resource] of [
  ['autoscaling/hpa', horizontalPodAutoscalers],
  ['autoscaling/keda', scaledObjects],
] as const) {
  test.serial(`${component} is taken, and leaves the number of workers to the autoscaler`, async (t) => {
    const { text, objects } = await built([component]);
    const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === worker.name);
    t.truthy(deployment);
    t.is(valueAt(deployment, 'spec', 'replicas'), undefined);
    await apply(text);
    t.is(numberAt(await light.user.get(deployments, worker), 'spec', 'replicas'), 1, 'the default of Kubernetes');
    const autoscaler = await light.user.get(resource, worker);
    t.is(stringAt(autoscaler, 'spec', 'scaleTargetRef', 'name'), worker.name);
    await light.user.delete(resource, worker);
  });
}

test.serial('monitors and rules are taken, and the monitors find pods that serve metrics', async (t) => {
  const { text, objects } = await built(['monitoring']);
  await apply(text);
  const labelOf = (object: KubernetesObject): string | undefined =>
    stringAt(object, 'spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/name');
  const scraped = objects
    .filter(
      (object) => valueAt(object, 'spec', 'template', 'metadata', 'annotations', 'prometheus.io/scrape') === 'true',
    )
    .map(labelOf);
  const monitor = objects.find(({ kind, metadata }) => kind === 'PodMonitor' && metadata.name === 'aviary');
  const watched = arrayAt(monitor, 'spec', 'selector', 'matchExpressions', 0, 'values');
  t.true(scraped.length > 1);
  t.deepEqual(
    scraped.filter((name) => !watched.includes(name)),
    [],
  );
});

test.serial('monitors and rules carry the label that a Prometheus selects by, as their comment says', async (t) => {
  const { text, objects } = await built(['monitoring'], (copy) =>
    uncommentPatches(join(copy, 'monitoring', 'kustomization.yaml')),
  );
  await apply(text);
  const labelled = objects.filter(({ metadata }) => metadata.labels?.['release'] === 'kube-prometheus-stack');
  t.deepEqual(labelled.map(({ kind }) => kind).toSorted(), ['PodMonitor', 'PodMonitor', 'PrometheusRule']);
});

/** It lies beside Prometheus, whichever way that came. */
async function promtool(): Promise<string> {
  const { prometheus } = await parts.get(['prometheus']);
  return join(dirname(prometheus.program), 'promtool');
}

async function promtoolTakes(t: ExecutionContext, scenario: object): Promise<void> {
  const file = join(folder, 'scenario.json');
  await writeFile(file, JSON.stringify(scenario));
  const tried = await run({ argv: [await promtool(), 'test', 'rules', file], seconds: 60 });
  t.is(tried.code, 0, tried.stdout + tried.stderr);
}

async function rules(): Promise<unknown> {
  return parse(await readFile(join(manifests, 'monitoring', 'rules.yaml'), 'utf8'));
}

test.serial('the rules alert when they should and only then', async (t) => {
  const file = join(folder, 'rules.json');
  await writeFile(file, JSON.stringify(valueAt(await rules(), 'spec')));
  const checked = await runOrThrow({ argv: [await promtool(), 'check', 'rules', file], seconds: 30 });
  t.regex(checked, /SUCCESS: 12 rules found/);
  await promtoolTakes(t, { rule_files: [file], ...ruleScenario });
  const alerts = arrayAt(await rules(), 'spec', 'groups', 0, 'rules').map((rule) => stringAt(rule, 'alert'));
  const raised = new Set(ruleScenario.tests.flatMap(({ alert_rule_test: some }) => some.map((one) => one.alertname)));
  t.deepEqual(
    alerts.filter((name) => !raised.has(name ?? '')),
    [],
    'every rule is tried',
  );
});

test.serial(
  'the queries of the autoscalers say how late, busy and short workers are, and nothing is late where none is due',
  async (t) => {
    const read = async (file: string): Promise<unknown> => parse(await readFile(join(manifests, file), 'utf8'));
    const triggers = arrayAt(await read('autoscaling/keda/scaled-object.yaml'), 'spec', 'triggers');
    const adapter = arrayAt(await read('autoscaling/hpa/prometheus-adapter.yaml'), 'rules', 'external');
    const [lag = '', busy = '', stretch = ''] = triggers.map((trigger) => stringAt(trigger, 'metadata', 'query') ?? '');
    t.deepEqual(
      adapter.map((rule) => stringAt(rule, 'metricsQuery')),
      [lag, busy, stretch],
      'both autoscalers ask the same',
    );
    for (const trigger of triggers) {
      if (stringAt(trigger, 'metadata', 'query')?.endsWith('or vector(0)') === true) continue;
      t.is(stringAt(trigger, 'metadata', 'ignoreNullValues'), 'false', 'KEDA would take nothing for zero');
    }
    await promtoolTakes(t, { tests: autoscalerScenario({ lag, busy, stretch }) });
  },
);

test.serial('every query of the dashboard is one that Prometheus takes', async (t) => {
  const dashboard: unknown = JSON.parse(await readFile(join(manifests, 'grafana/aviary.json'), 'utf8'));
  const queries = arrayAt(dashboard, 'panels').flatMap((panel) =>
    arrayAt(panel, 'targets').map((target) => stringAt(target, 'expr') ?? ''),
  );
  t.true(queries.length > 20);
  const file = join(folder, 'dashboard.json');
  const recorded = queries.map((query, index) => ({
    record: `query:${index}`,
    expr: query.replaceAll('$__rate_interval', '1m'),
  }));
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
  await t.notThrowsAsync(runOrThrow({ argv: [await promtool(), 'check', 'rules', file], seconds: 30 }));
});

test('every metric that a rule, an autoscaler or the dashboard asks for is on the page', async (t) => {
  const files = [
    'monitoring/rules.yaml',
    'autoscaling/hpa/prometheus-adapter.yaml',
    'autoscaling/keda/scaled-object.yaml',
    'grafana/aviary.json',
  ];
  const texts = await Promise.all(files.map((file) => readFile(join(manifests, file), 'utf8')));
  const page = await readFile(join(projectDirectory, 'docs/metrics.md'), 'utf8');
  // The adapter's own names stand behind `as:`.
  const asked = texts.join('\n').matchAll(/(?<!as: )\b((?:aviary|flagger|nodejs)_[a-z0-9_]+)\b(?=[{[\s)"])/g);
  const names = new Set([...asked].map(([, name = '']) => name.replace(/_(bucket|sum|count)$/, '')));
  t.true(names.size > 8);
  t.deepEqual(
    [...names].filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
