import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { parse } from 'yaml';
import { recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { configMaps, deployments, namespaces } from '../../platform/kubernetes/resources.ts';
import { type LightCluster, startLight } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { clientOn } from '../support/client-on.ts';

interface Context {
  cluster: LightCluster;
  client: KubernetesClient;
  /** A namespace of the test's own. */
  namespace: string;
}

const test = anyTest as TestFn<Context>;

let cluster: LightCluster;
let client: KubernetesClient;
let count = 0;

test.before(async () => {
  cluster = await startLight({ redis: false, progress: silent });
  client = clientOn(cluster);
});

test.after.always(async () => {
  await client?.close();
  await cluster?.stop();
});

test.beforeEach(async (t) => {
  count += 1;
  const namespace = `client-${count}`;
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  t.context = { cluster, client, namespace };
});

const aConfigMap = (namespace: string, name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
});

const aDeployment = (namespace: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace, name: 'podinfo' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'podinfo' } },
    template: {
      metadata: { labels: { app: 'podinfo' } },
      spec: { containers: [{ name: 'podinfod', image: 'podinfo:1' }] },
    },
  },
});

const failureOf = (t: ExecutionContext<Context>, call: Promise<unknown>): Promise<KubernetesError> =>
  t.throwsAsync(call, { instanceOf: KubernetesError });

test.serial('an apply creates, changes nothing when repeated, and owns only its fields', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const name = { namespace, name: 'settings' };
  const first = await kubernetes.apply(configMaps, aConfigMap(namespace, 'settings', { ours: '1' }));
  const again = await kubernetes.apply(configMaps, aConfigMap(namespace, 'settings', { ours: '1' }));
  t.is(again.metadata.resourceVersion, first.metadata.resourceVersion);
  await kubernetes.mergePatch(configMaps, name, { patch: { data: { theirs: 'kept' } } });
  await kubernetes.apply(configMaps, aConfigMap(namespace, 'settings', { ours: '2' }));
  const now = await kubernetes.get(configMaps, name);
  t.deepEqual(now['data'], { ours: '2', theirs: 'kept' });
  await kubernetes.apply(configMaps, now);
  t.pass('an object as read, managedFields included, can be applied');
});

test.serial('an apply of a field that another manager owns is a conflict, unless forced', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  await kubernetes.apply(configMaps, aConfigMap(namespace, 'shared', { key: 'theirs' }), { fieldManager: 'other' });
  const ours = aConfigMap(namespace, 'shared', { key: 'ours' });
  const refused = await failureOf(t, kubernetes.apply(configMaps, ours));
  t.is(refused.kind, 'conflict');
  t.regex(refused.message, /^apply ConfigMap client-\d+\/shared: 409 Conflict: .*conflict with "other": \.data\.key/);
  const forced = await kubernetes.apply(configMaps, ours, { force: true });
  t.is(stringAt(forced, 'data', 'key'), 'ours');
});

test.serial('every write with the version of an older read is a conflict', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const name = { namespace, name: 'podinfo' };
  const old = await kubernetes.create(deployments, aDeployment(namespace, 1));
  const resourceVersion = old.metadata.resourceVersion ?? '';
  const newer = await kubernetes.mergePatch(deployments, name, { patch: { spec: { replicas: 2 } }, resourceVersion });
  t.is(valueAt(newer, 'spec', 'replicas'), 2);
  const stale: Record<string, Promise<unknown>> = {
    'merge patch': kubernetes.mergePatch(deployments, name, { patch: { spec: { replicas: 3 } }, resourceVersion }),
    apply: kubernetes.apply(deployments, aDeployment(namespace, 3), { resourceVersion, force: true }),
    'replace status': kubernetes.replaceStatus(deployments, { ...old, status: { replicas: 3 } }),
    'patch status': kubernetes.patchStatus(deployments, name, { patch: { status: { replicas: 3 } }, resourceVersion }),
    delete: kubernetes.delete(deployments, name, { resourceVersion }),
    'delete of another uid': kubernetes.delete(deployments, name, { uid: 'another' }),
  };
  for (const [what, call] of Object.entries(stale)) t.is((await failureOf(t, call)).kind, 'conflict', what);
  t.is((await kubernetes.get(deployments, name)).metadata.resourceVersion, newer.metadata.resourceVersion);
});

test.serial('a JSON patch goes by what it tests, and not by the version', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const name = { namespace, name: 'podinfo' };
  const old = await kubernetes.create(deployments, aDeployment(namespace, 1));
  const guarded = (value: unknown, replicas: number) =>
    kubernetes.jsonPatch(deployments, name, {
      operations: [
        { op: 'test', path: '/metadata/generation', value },
        { op: 'add', path: '/spec/replicas', value: replicas },
      ],
    });
  await kubernetes.replaceStatus(deployments, { ...old, status: { replicas: 1 } });
  t.is(valueAt(await guarded(1, 2), 'spec', 'replicas'), 2);
  const late = await failureOf(t, guarded(1, 3));
  t.is(late.kind, 'conflict');
  t.regex(late.message, /^patch Deployment client-\d+\/podinfo: 422 .*not as the patch expects it/);
  const negative = await failureOf(t, guarded(2, -1));
  t.is(negative.kind, 'invalid');
  t.regex(negative.message, /spec\.replicas/);
  t.is(valueAt(await kubernetes.get(deployments, name), 'spec', 'replicas'), 2);
});

test.serial('a status write changes the status alone', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const name = { namespace, name: 'podinfo' };
  const created = await kubernetes.create(deployments, aDeployment(namespace, 1));
  const spec = { ...recordAt(created, 'spec'), replicas: 9 };
  const replaced = await kubernetes.replaceStatus(deployments, { ...created, spec, status: { replicas: 1 } });
  t.is(valueAt(replaced, 'status', 'replicas'), 1);
  t.is(valueAt(replaced, 'spec', 'replicas'), 1);
  t.is(replaced.metadata.generation, created.metadata.generation);
  const patched = await kubernetes.patchStatus(deployments, name, { patch: { status: { readyReplicas: 1 } } });
  t.like(patched['status'], { replicas: 1, readyReplicas: 1 });
});

test.serial('the refusals of the server come as their kinds, with its words', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const missing = await failureOf(t, kubernetes.get(deployments, { namespace, name: 'none' }));
  t.is(missing.kind, 'notFound');
  t.is(missing.message, `get Deployment ${namespace}/none: 404 NotFound: deployments.apps "none" not found`);
  t.is((await failureOf(t, kubernetes.delete(deployments, { namespace, name: 'none' }))).kind, 'notFound');

  await kubernetes.create(deployments, aDeployment(namespace, 1));
  t.is((await failureOf(t, kubernetes.create(deployments, aDeployment(namespace, 1)))).kind, 'alreadyExists');
  const invalid = await failureOf(t, kubernetes.apply(deployments, aDeployment(namespace, -1), { force: true }));
  t.is(invalid.kind, 'invalid');
  t.regex(invalid.message, /spec\.replicas/);

  const dry = await kubernetes.create(configMaps, aConfigMap(namespace, 'dry', {}), { dryRun: true });
  t.is(dry.metadata.name, 'dry');
  t.is((await failureOf(t, kubernetes.get(configMaps, { namespace, name: 'dry' }))).kind, 'notFound');
});

test.serial('a token nobody issued is unauthorized', async (t) => {
  const config: unknown = parse(await readFile(t.context.cluster.kubeconfigPath, 'utf8'));
  const authority = stringAt(config, 'clusters', 0, 'cluster', 'certificate-authority-data') ?? '';
  const directory = await mkdtemp(join(tmpdir(), 'service-account-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'ca.crt'), Buffer.from(authority, 'base64'));
  await writeFile(join(directory, 'token'), 'made-up');
  const { hostname: host, port } = new URL(t.context.cluster.apiUrl);
  const access = { kind: 'inCluster', host, port, serviceAccountDir: directory } as const;
  const stranger = clientOn(t.context.cluster, { access });
  t.teardown(() => stranger.close());
  t.is((await failureOf(t, stranger.list(deployments))).kind, 'unauthorized');
});

test.serial('a list comes in pages, by label, and without contents when asked', async (t) => {
  const { client: kubernetes, namespace } = t.context;
  const one = (index: number) => {
    const object = aConfigMap(namespace, `c-${index}`, { secret: 'x' });
    return { ...object, metadata: { ...object.metadata, labels: { half: String(index % 2) } } };
  };
  await Promise.all(Array.from({ length: 25 }, (_, index) => kubernetes.create(configMaps, one(index))));
  const sizes: number[] = [];
  for await (const page of kubernetes.listPages(configMaps, { namespace, pageSize: 10 })) sizes.push(page.items.length);
  t.deepEqual(sizes, [10, 10, 5]);
  const half = await kubernetes.list(configMaps, {
    namespace,
    labelSelector: 'half=1',
    metadataOnly: true,
    pageSize: 5,
  });
  t.is(half.items.length, 12);
  t.true(half.items.every((item) => item.kind === 'ConfigMap' && item['data'] === undefined));
  const meta = await kubernetes.get(configMaps, { namespace, name: 'c-1' }, { metadataOnly: true });
  t.deepEqual([meta.kind, meta['data'], meta.metadata.labels], ['ConfigMap', undefined, { half: '1' }]);
});

test.serial('plain paths of the API server can be read', async (t) => {
  t.is(await t.context.client.getPath('/readyz'), 'ok');
  const version: unknown = JSON.parse(await t.context.client.getPath('/version'));
  t.regex(stringAt(version, 'gitVersion') ?? '', /^v1\./);
});
