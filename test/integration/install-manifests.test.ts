/** How Aviary is installed: the README's overlay and the resident scheduler, built by kustomize, taken by a real API server. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, configMaps } from '../../platform/kubernetes/resources.ts';
import { projectDirectory } from '../../sandbox/environment.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { kubectlOn } from '../support/kubectl.ts';
import { startLightClient } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-install-'));
  await cp(join(projectDirectory, 'manifests'), join(folder, 'manifests'), { recursive: true });
  light = await startLightClient();
});
test.after.always(async () => {
  await light?.close();
  await rm(folder, { recursive: true });
});

const kubectl = (...words: readonly string[]): Promise<string> => kubectlOn(light, words, folder);

/** Builds the kustomization, and has the API server take it. */
async function install(name: string, kustomization: string): Promise<readonly KubernetesObject[]> {
  const overlay = join(folder, name);
  await mkdir(overlay);
  await writeFile(join(overlay, 'kustomization.yaml'), kustomization);
  await kubectl('apply', '--server-side', '--force-conflicts', '--validate=strict', '-k', overlay);
  return parseAllDocuments(await kubectl('kustomize', overlay)).map((one) => one.toJS() as KubernetesObject);
}

const kindsOf = (objects: readonly KubernetesObject[], name: string): readonly string[] =>
  objects.filter(({ metadata }) => metadata.name === name).map(({ kind }) => kind);

test.serial(
  'the overlay of the README gives every process the image’s name, and the settings that it says',
  async (t) => {
    const readme = await readFile(join(projectDirectory, 'README.md'), 'utf8');
    const overlay = /```yaml\n(# overlay\/kustomization\.yaml\n.*?)```/s.exec(readme)?.[1] ?? '';
    const objects = await install('overlay', overlay);
    const images = JSON.stringify(objects).match(/"image":"[^"]+"/g) ?? [];
    t.deepEqual([...new Set(images)].toSorted(), [
      '"image":"redis:7.4-bookworm"',
      '"image":"registry.example.com/aviary:0.1.0"',
    ]);
    const settings = objects.find(({ metadata }) => metadata.name === 'aviary-settings');
    t.is(stringAt(settings, 'data', 'METRICS_SERVER'), 'http://prometheus.monitoring:9090');
    t.true(kindsOf(objects, 'aviary-scheduler').includes('CronJob'));

    const page = await readFile(join(projectDirectory, 'docs/operations.md'), 'utf8');
    const restart = /^kubectl (.* rollout restart .*)$/m.exec(page)?.[1] ?? '';
    const restarted = await kubectl(...restart.split(' '));
    for (const one of [
      'statefulset.apps/aviary-redis',
      'deployment.apps/aviary-worker',
      'deployment.apps/aviary-board',
    ])
      t.true(restarted.includes(`${one} restarted`), one);
  },
);

test.serial('the resident scheduler stands beside the CronJob, or in its place', async (t) => {
  const beside = await install('beside', "resources: ['../manifests']\ncomponents: ['../manifests/resident']\n");
  const kinds = kindsOf(beside, 'aviary-scheduler');
  for (const kind of ['CronJob', 'Deployment', 'PodDisruptionBudget']) t.true(kinds.includes(kind), kind);
  const budget = beside.find(
    ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'aviary-scheduler',
  );
  const scheduler = beside.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'aviary-scheduler');
  t.like(
    valueAt(scheduler, 'spec', 'template', 'metadata', 'labels'),
    valueAt(budget, 'spec', 'selector', 'matchLabels') as object,
  );

  const file = join(folder, 'manifests/resident/kustomization.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^# (patches:|  - patch:)/gm, '$1'));
  t.is(Array.isArray(valueAt(parse(await readFile(file, 'utf8')), 'patches')), true);
  const inPlace = await install('in-place', "resources: ['../manifests']\ncomponents: ['../manifests/resident']\n");
  t.false(kindsOf(inPlace, 'aviary-scheduler').includes('CronJob'));
});

test.serial('load tester, its network policy and draining workers are taken as they are', async (t) => {
  const manifest = (name: string): string => join(folder, 'manifests', name);
  for (const name of ['loadtester.yaml', 'loadtester-network-policy.yaml']) {
    t.regex(
      await kubectl('-n', 'default', 'create', '--validate=strict', '-f', manifest(name)),
      /flagger-loadtester created/,
    );
  }
  t.regex(
    await kubectl('create', '--validate=strict', '-f', manifest('drain.yaml')),
    /job.batch\/aviary-drain-\w+ created/,
  );
});

/** The commands of the page that delete something, in its order. */
async function removal(): Promise<readonly (readonly string[])[]> {
  const page = await readFile(join(projectDirectory, 'docs/operations.md'), 'utf8');
  const [, section = ''] = page.split('\n## Removing Aviary\n');
  return [...section.matchAll(/^ +kubectl (.*\bdelete\b.*)$/gm)].map(([, words = '']) => words.split(' '));
}

test.serial(
  'what the page says removes all of Aviary, and what Canaries own goes with the last command only',
  async (t) => {
    const objects = await install('removed', "resources: ['../manifests']\ncomponents: ['../manifests/resident']\n");
    await light.namespace('test');
    await kubectl('-n', 'test', 'apply', '-f', 'manifests/loadtester.yaml');
    const namespace = await light.namespace('shop');
    const { apiVersion, kind, spec } = aCanaryObject();
    const { metadata } = await light.user.create(canaries, {
      apiVersion,
      kind,
      metadata: { name: 'podinfo', namespace },
      spec,
    });
    const { name, uid = '' } = metadata;
    const ownerReferences = [{ apiVersion, kind, name, uid }];
    const owned = { namespace, name: 'podinfo-primary', ownerReferences };
    await light.user.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: owned });

    const [definitions, ...others] = (await removal()).toReversed();
    for (const words of others.toReversed()) await kubectl(...words);
    const left = await kubectl('get', 'all,role,clusterrole,clusterrolebinding,crd', '-A', '-o', 'name');
    const names = objects.map(({ metadata: of }) => of.name).filter((one) => !one.endsWith('.flagger.app'));
    t.true(names.length > 10);
    t.deepEqual(
      names.filter((one) => left.includes(`/${one}\n`)),
      [],
    );
    t.is(await kubectl('-n', 'test', 'get', 'deployment,service,networkpolicy', '-o', 'name'), '');
    t.is((await light.user.get(configMaps, owned)).metadata.name, owned.name);

    await kubectl(...(definitions ?? []));
    t.false((await kubectl('get', 'crd', '-o', 'name')).includes('flagger.app'));
  },
);
