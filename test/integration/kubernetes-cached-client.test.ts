/** Reads from watches on a real API server: what is answered without a request, and what never is. */
import test, { type ExecutionContext } from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { type CachedClient, createCachedClient } from '../../platform/kubernetes/cached-client.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createListWatchOn } from '../../platform/kubernetes/watch.ts';
import type { WatchSink } from '../../platform/kubernetes/watch-loop.ts';
import { canaries, configMaps, meshHttpRoutes, secrets, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { type CanaryCluster, startCanaryCluster } from '../support/canary-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

interface Bench {
  readonly cached: CachedClient;
  readonly name: { readonly namespace: string; readonly name: string };
  /** Reads that went to the API server since the last look. */
  readonly asked: () => readonly string[];
}

const kinds = [
  { resource: services, part: 'whole' },
  { resource: meshHttpRoutes, part: 'whole' },
  { resource: configMaps, part: 'metadata' },
  { resource: secrets, part: 'metadata' },
] as const;

interface Wish {
  readonly namespaces?: readonly string[];
  readonly isKept?: boolean;
  readonly watch?: KubernetesClient['watch'];
}

const nobody: WatchSink = {
  beginList: () => ({ page: () => undefined, complete: () => undefined }),
  changed: () => undefined,
  deleted: () => undefined,
};

/** A cached client of its own in a namespace of its own. */
async function bench(t: ExecutionContext, home: string, wish: Wish = {}): Promise<Bench> {
  const namespace = await cluster.namespace(home);
  const requests: string[] = [];
  const { client } = cluster;
  const counted: KubernetesClient = {
    ...client,
    get: (resource: Resource, name, options) => {
      requests.push(`get ${resource.plural} ${name.name}`);
      return client.get(resource, name, options);
    },
    watch: wish.watch ?? ((resource, options) => client.watch(resource, options)),
  };
  const { namespaces = [], isKept = true } = wish;
  const cached = createCachedClient({
    client: counted,
    kinds,
    namespaces,
    isKept: () => isKept,
    clock,
    random: Math.random,
    log,
  });
  t.teardown(() => cached.stopWatches());
  return { cached, name: { namespace, name: 'cart' }, asked: () => requests.splice(0) };
}

const service = (name: Bench['name'], port: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: name,
  spec: { ports: [{ port, protocol: 'TCP', targetPort: port }] },
});

const until = (what: string, holds: () => Promise<boolean>): Promise<true> =>
  waitFor({ what, seconds: 40, look: async () => ((await holds()) ? true : undefined) });

test('what the watch has told is read without a request, and so is what does not exist', async (t) => {
  const { cached, name, asked } = await bench(t, 'told');
  await cluster.user.create(services, service(name, 80));
  await cached.get(services, name);
  t.deepEqual(await cached.get(services, name), await cluster.user.get(services, name), 'whole, as it is stored');
  const missing = { ...name, name: 'none' };
  const error = await t.throwsAsync(cached.get(services, missing));
  const said = await t.throwsAsync(cluster.user.get(services, missing));
  t.like(error, { message: said.message, kind: 'notFound', status: 404 });
  t.deepEqual(asked(), []);

  await cluster.user.mergePatch(services, name, { patch: { metadata: { labels: { seen: 'yes' } } } });
  await until('the change to be read', async () => {
    return (await cached.get(services, name)).metadata.labels?.['seen'] === 'yes';
  });
  await cluster.user.delete(services, name);
  await until('the end to be read', async () => {
    const found = await cached.get(services, name).catch(() => undefined);
    return found === undefined;
  });
  t.deepEqual(asked(), []);
});

test('our own writes are read at once, each time', async (t) => {
  const { cached, name, asked } = await bench(t, 'own');
  await t.throwsAsync(cached.get(services, name));
  for (let port = 81; port < 101; port += 1) {
    const written = await cached.apply(services, service(name, port));
    const read = await cached.get(services, name);
    t.is(read.metadata.resourceVersion, written.metadata.resourceVersion);
  }
  const { metadata } = await cached.get(services, name);
  t.deepEqual(asked(), []);
  await cached.delete(services, name, { uid: metadata.uid, resourceVersion: metadata.resourceVersion });
  await t.throwsAsync(cached.get(services, name), { message: /not found/ });
  await cached.create(services, service(name, 80));
  t.truthy(await cached.get(services, name));
});

test('after a refused write the object is read anew', async (t) => {
  const { cached, name, asked } = await bench(t, 'refused');
  await cached.create(services, service(name, 80));
  await cached.get(services, name);
  const patch = { metadata: { labels: { a: 'b' } } };
  await t.throwsAsync(cached.mergePatch(services, name, { patch, resourceVersion: '1' }), { message: /modified/ });
  await cached.get(services, name);
  t.deepEqual(asked(), ['get services cart']);
  await cached.get(services, name);
  t.deepEqual(asked(), [], 'once');
});

test('what another process has seen is waited for by nobody: it is asked for', async (t) => {
  const { cached, name, asked } = await bench(t, 'seen');
  const { metadata } = await cached.create(services, service(name, 80));
  await cached.get(services, name);
  const ahead = Number(metadata.resourceVersion) + 1_000_000;
  await cached.get(services, name, { notBefore: new Map([['services', ahead]]) });
  await cached.get(services, name, { notBefore: new Map([['secrets', ahead]]) });
  await cached.get(services, name, { fresh: true });
  t.deepEqual(asked(), ['get services cart', 'get services cart']);
});

test('of ConfigMaps and Secrets only the metadata is known', async (t) => {
  const { cached, name, asked } = await bench(t, 'metadata');
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: name, stringData: { token: 's3cret' } };
  await cluster.user.create(secrets, secret);
  const seen = await cached.get(secrets, name, { metadataOnly: true });
  t.is(seen.metadata.name, 'cart');
  t.false(JSON.stringify(seen).includes('czNjcmV0'));
  t.deepEqual(asked(), []);
  const whole = await cached.get(secrets, name);
  t.deepEqual(whole['data'], { token: 'czNjcmV0' });
  t.deepEqual(asked(), ['get secrets cart']);
  await cached.mergePatch(secrets, name, { patch: { data: { token: 'bmV3' } } });
  const after = await cached.get(secrets, name, { metadataOnly: true });
  t.not(after.metadata.resourceVersion, whole.metadata.resourceVersion);
  t.is(after['data'], undefined);
  t.deepEqual(asked(), []);
});

test('namespaces that are not served are asked for, and of those that are not kept what was read is known', async (t) => {
  const served = await bench(t, 'served', { namespaces: ['served'] });
  await served.cached.create(services, service(served.name, 80));
  await served.cached.get(services, served.name);
  t.deepEqual(served.asked(), []);
  await served.cached.get(services, { namespace: 'default', name: 'kubernetes' });
  await served.cached.get(services, { namespace: 'default', name: 'kubernetes' });
  t.is(served.asked().length, 2);

  const { cached, asked } = await bench(t, 'kept', { isKept: false });
  await cached.get(services, { namespace: 'default', name: 'kubernetes' });
  await cached.get(services, { namespace: 'default', name: 'kubernetes' });
  await t.throwsAsync(cached.get(services, { namespace: 'default', name: 'none' }));
  await t.throwsAsync(cached.get(services, { namespace: 'default', name: 'none' }));
  t.deepEqual(asked(), ['get services kubernetes', 'get services none']);
  t.is(cached.watches()[0]?.objects, 2);
});

test('a kind that the cluster does not serve is asked for', async (t) => {
  const { cached, name, asked } = await bench(t, 'unserved');
  await t.throwsAsync(cached.get(meshHttpRoutes, name), { message: /not find the requested resource|not found/ });
  await t.throwsAsync(cached.get(meshHttpRoutes, name));
  t.is(asked().length, 2);
  t.regex(cached.watches()[0]?.trouble ?? '', /list MeshHTTPRoute/);
});

test('a watch that stays away is believed for some seconds only', async (t) => {
  let isBroken = false;
  const { cached, name, asked } = await bench(t, 'away', {
    watch: (resource, options) => {
      if (isBroken) throw new Error('the way to the API server is cut');
      return cluster.client.watch(resource, { ...options, timeoutSeconds: 1 });
    },
  });
  await cached.create(services, service(name, 80));
  await cached.get(services, name);
  t.deepEqual(asked(), []);
  isBroken = true;
  await until('reads to be requests', async () => {
    await cached.get(services, name);
    return asked().length > 0;
  });
  isBroken = false;
  await until('the watch to be back', async () => {
    await cached.get(services, name);
    return asked().length === 0;
  });
  t.is(cached.watches()[0]?.trouble, undefined);
});

test('somebody who shares the watch of a kind hears what reads are answered from, for as long as wanted', async (t) => {
  let opened = 0;
  const { cached, name, asked } = await bench(t, 'shared', {
    watch: (resource, options) => {
      opened += 1;
      return cluster.client.watch(resource, options);
    },
  });
  const shared = createListWatchOn({
    what: 'services',
    openLoop: (sink) => cached.shareWatch(services, undefined, sink),
    project: ({ metadata }) => metadata.resourceVersion,
    log,
  });
  t.throws(() => cached.shareWatch(services, undefined, nobody), { message: /not shared yet/ });
  t.throws(() => cached.shareWatch(canaries, undefined, nobody), { message: /one of the watched kinds/ });
  shared.start();
  await shared.whenSynced(AbortSignal.timeout(60_000));
  t.truthy(shared.get({ namespace: 'default', name: 'kubernetes' }), 'its list has been told');
  await cluster.user.create(services, service(name, 80));
  await until('the service to be told', async () => shared.get(name) !== undefined);
  t.is((await cached.get(services, name)).metadata.resourceVersion, shared.get(name)?.value);
  t.true(shared.lastActivity() > 0);

  await shared.stop();
  await cluster.user.delete(services, name);
  await until(
    'the end to be read',
    async () => (await cached.get(services, name).catch(() => undefined)) === undefined,
  );
  t.truthy(shared.get(name), 'who has left is told nothing');
  t.deepEqual([opened, asked()], [1, []]);
  t.throws(() => cached.shareWatch(services, undefined, nobody), { message: /not begun/ });
});
